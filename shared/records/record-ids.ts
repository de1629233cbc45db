/**
 * Ids of records, and the partition that an id names: with the table, an id alone finds its row. This is a storage
 * format; it can't be changed once there is data (docs/adr/0002).
 *
 *  - Ids that we make are version-8 GUIDs whose first eight digits are the bucket. A process draws a random run of 16
 *    neighbouring buckets and fills each with 250 ids before it goes on, so that records made together share
 *    transactions and lie side by side, without any registry of buckets.
 *  - Ids that a client brings (any other version) are hashed to 256 buckets.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const IDS_PER_BUCKET = 250;
/** Neighbouring buckets that one process fills; their numbers differ in the digit behind `RUN_DIGITS` alone. */
export const BUCKETS_PER_RUN = 16;
/** Hexadecimal digits that the buckets of a run share. */
export const RUN_DIGITS = 7;

/** Whether a text is a GUID in lower case. */
export function isGuid(text: string): boolean {
  return GUID.test(text);
}

/** Whether a GUID is of the version that only we make. */
export function isOwnId(id: string): boolean {
  return GUID.exec(id)?.[1] === '8';
}

/**
 * Makes ids one after the other; a process has one source. `uses`: so many ids will be derived from this one, which fill its
 * bucket as if each had been made here; 1 unless said otherwise.
 */
export function createIdSource(): (uses?: number) => string {
  let run = '';
  let given = IDS_PER_BUCKET * BUCKETS_PER_RUN;
  return (uses = 1) => {
    if (given >= IDS_PER_BUCKET * BUCKETS_PER_RUN) {
      run = randomBytes(4).toString('hex').slice(0, RUN_DIGITS);
      given = 0;
    }
    const bucket = run + Math.floor(given / IDS_PER_BUCKET).toString(16);
    given += uses;
    const random = randomUUID();
    return `${bucket}-${random.slice(9, 14)}8${random.slice(15)}`;
  };
}

/**
 * An id of ours that is always the same for the same base and seed. It shares the base's bucket, or one of 256 when the
 * base was brought by a client, so that what belongs to records made together lies together too.
 */
export function derivedId(baseId: string, seed: string): string {
  const hash = sha256(`${baseId}|${seed}`);
  const bucket = isOwnId(baseId) ? baseId.slice(0, 8) : `${sha256(baseId).slice(0, 2)}000000`;
  return `${bucket}-${hash.slice(0, 4)}-8${hash.slice(4, 7)}-a${hash.slice(7, 10)}-${hash.slice(10, 22)}`;
}

/** The partition of a record's row. */
export function bucketOf(id: string): string {
  return isOwnId(id) ? id.slice(0, 8) : `h${sha256(id).slice(0, 2)}`;
}

/** Whether a bucket is one of those for ids that clients brought: `h` and two digits. */
export function isHashed(bucket: string): boolean {
  return bucket.startsWith('h');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
