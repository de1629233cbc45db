/** What the tests of transactions stand on: contacts, transactions that give them away, and the storage service's clock. */
import { randomUUID } from 'node:crypto';
import type { RecordValue } from '../../../shared/records/record.ts';
import { bucketOf } from '../../../shared/records/record-ids.ts';
import { type RecordRow, recordTableName } from '../../../shared/records/record-row.ts';
import { RecordStore } from '../../../shared/records/record-store.ts';
import type { StoragePolicy } from '../../../shared/storage/size-limits.ts';
import type { Storage } from '../../../shared/storage/storage.ts';
import type { StoredRow } from '../../../shared/storage/table.ts';
import { finishAbandoned } from '../../../shared/transactions/finish-transaction.ts';
import { lockOf } from '../../../shared/transactions/locked-row.ts';
import type { Participant } from '../../../shared/transactions/participants.ts';
import { runTransaction, type Transaction } from '../../../shared/transactions/run-transaction.ts';
import { TransactionStore } from '../../../shared/transactions/transaction-store.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';

const ON = '2026-03-01T10:00:00.000Z';
export const DEADLINE_SECONDS = 60;

type PipelineResponse = Awaited<ReturnType<StoragePolicy['sendRequest']>>;

/** The clock of the storage service, as all hosts of a test see it. */
export class StorageClock {
  aheadMs = 0;

  pass(seconds: number): void {
    this.aheadMs += seconds * 1000;
  }

  readonly policy: StoragePolicy = {
    name: 'testClock',
    sendRequest: async (request, next) => {
      try {
        return this.#put(await next(request));
      } catch (error) {
        // A refusal comes as an error that carries the response; a connection that broke, as one without.
        const { response } = error as { response?: PipelineResponse };
        if (response) this.#put(response);
        throw error;
      }
    },
  };

  /** Puts the date of a response forward. */
  #put(response: PipelineResponse): PipelineResponse {
    const served = Date.parse(response.headers.get('date') ?? '');
    response.headers.set('date', new Date(served + this.aheadMs).toUTCString());
    return response;
  }
}

/** One host on a set of tables. */
export class TransactionFixture {
  readonly storage: Storage;
  readonly records: RecordStore;
  readonly transactions: TransactionStore;
  readonly clock: StorageClock;
  readonly #prefix: string;

  constructor(options: { prefix?: string; policies?: readonly StoragePolicy[]; clock?: StorageClock } = {}) {
    this.clock = options.clock ?? new StorageClock();
    this.#prefix = options.prefix ?? uniquePrefix();
    // A pipeline takes each name once.
    const given = (options.policies ?? []).map((policy, at) => ({
      name: `${policy.name}${at}`,
      sendRequest: policy.sendRequest,
    }));
    this.storage = openTestStorage({ prefix: this.#prefix, policies: [this.clock.policy, ...given] });
    this.records = new RecordStore(this.storage);
    this.transactions = new TransactionStore(this.storage);
  }

  /** Another host on the same tables, with the same storage service. */
  open(policies: readonly StoragePolicy[] = []): TransactionFixture {
    return new TransactionFixture({ prefix: this.#prefix, policies, clock: this.clock });
  }

  /** Contacts in as many partitions as asked, owned by anna; their ids. */
  async contacts(partitions: number, each = 2): Promise<string[]> {
    const ids = Array.from({ length: partitions }, (_, at) => `${(at + 1).toString(16).padStart(8, '0')}`).flatMap(
      (bucket) => Array.from({ length: each }, () => `${bucket}${randomUUID().slice(8, 14)}8${randomUUID().slice(15)}`),
    );
    await this.records.createMany(
      ids.map((id) => {
        const common = {
          id,
          table: 'contact',
          ownerId: 'anna',
          state: 'Active',
          createdOn: ON,
          createdBy: 'anna',
        } as const;
        return { value: { ...common, columns: { fullName: 'Zoë' }, lookups: {} }, origin: randomUUID() };
      }),
    );
    return ids;
  }

  /** What gives contacts to `ownerId`, as they are now. */
  async giving(ids: readonly string[], ownerId: string): Promise<Participant[]> {
    const found = await this.records.findMany('contact', ids);
    return found.flatMap((record) => {
      if (!record) return [];
      const { id, version } = record.value;
      const set = { ownerId, version: version + 1 };
      return [{ ...keyOf(id), kind: 'change', etag: record.etag, set } as const];
    });
  }

  /** Gives contacts away in one transaction. */
  async give(ids: readonly string[], ownerId: string, more: Partial<Transaction> = {}): Promise<string> {
    return runTransaction(
      { storage: this.storage, transactions: this.transactions },
      {
        id: randomUUID(),
        deadlineSeconds: DEADLINE_SECONDS,
        participants: await this.giving(ids, ownerId),
        decideAgain: (_participant, row) => ({ ownerId, version: Number(row?.version) + 1 }),
        ...more,
      },
    );
  }

  async owners(ids: readonly string[]): Promise<string[]> {
    const found = await this.records.findMany('contact', ids);
    return [...new Set(found.map((record) => record?.value.ownerId ?? 'nobody'))];
  }

  async value(id: string): Promise<RecordValue> {
    return (await this.records.get('contact', id)).value;
  }

  /** The ids of contacts that carry a lock, read past the gateway. */
  async lockedIds(): Promise<string[]> {
    const locked: string[] = [];
    for await (const row of this.storage.table(recordTableName('contact')).rows({}))
      if (lockOf(row)) locked.push(row.rowKey);
    return locked;
  }

  /** The row as it lies in storage. */
  raw(id: string): Promise<StoredRow<RecordRow> | undefined> {
    return this.storage.table(recordTableName('contact')).get<RecordRow>(bucketOf(id), id);
  }

  finishAbandoned(): Promise<number> {
    return finishAbandoned({ storage: this.storage, transactions: this.transactions });
  }
}

export function keyOf(id: string): { table: string; partitionKey: string; rowKey: string } {
  return { table: recordTableName('contact'), partitionKey: bucketOf(id), rowKey: id };
}
