/**
 * How far the operations of customers were applied to a record: in its row's `appliedSequence`, for each customer whose
 * operations have changed it, the stamp of the last one. This is a storage format (docs/adr/0002): `<customer>:<stamp>`,
 * parted by blanks.
 *
 *  STAMP-1  Stamps of one customer rise; they say nothing of another's. When a customer was merged into another, both
 *      bring operations to the same records, each in an order of its own: neither's are taken for applied because of the
 *      other's.
 *  STAMP-2  A record keeps the stamps of the `MAX_CUSTOMERS` that changed it last. What has fallen out is Completed long
 *      ago, and a write that is as late as that is refused for the record's version.
 */

/** A customer's operation, as the records know it. */
export interface AppliedStamp {
  /** The customer's GUID for life. */
  readonly customer: string;
  /** Sorts as the customer's operations are to be applied, and within one by its attempts. */
  readonly stamp: string;
}

const MAX_CUSTOMERS = 50;

/** The stamp of a customer's last operation; empty for none. */
export function stampFor(applied: string, customer: string): string {
  return parse(applied).find((each) => each.customer === customer)?.stamp ?? '';
}

/** The text with one stamp put in the place of the same customer's former one. */
export function withStamp(applied: string, { customer, stamp }: AppliedStamp): string {
  const others = parse(applied).filter((each) => each.customer !== customer);
  const all = [{ customer, stamp }, ...others].slice(0, MAX_CUSTOMERS);
  return all.map((each) => `${each.customer}:${each.stamp}`).join(' ');
}

function parse(applied: string): AppliedStamp[] {
  if (applied === '') return [];
  return applied.split(' ').map((entry) => {
    const [customer = '', stamp = ''] = entry.split(':');
    return { customer, stamp };
  });
}
