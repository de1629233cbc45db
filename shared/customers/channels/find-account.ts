import { resolveId } from '../../records/record-requests.ts';
import type { RecordStore } from '../../records/record-store.ts';

/** Finds the live account that a GUID or account number stands for, and gives its id. */
export function createAccountFinder(records: RecordStore): (reference: string) => Promise<string | undefined> {
  return async (reference) => {
    const id = await resolveId(records, 'account', reference);
    const account = id === undefined ? undefined : await records.find('account', id);
    return account && !account.tombstone ? id : undefined;
  };
}
