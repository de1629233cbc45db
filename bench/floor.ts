import { TableClient, type TransactionAction } from '@azure/data-tables';
import { bucketOf } from '../shared/records/record-ids.ts';
import { recordTableName } from '../shared/records/record-row.ts';
import { groupBy, mapParallel } from '../shared/storage/parallel.ts';

/** What each merge writes: as much as an Assign changes in a row. */
const change = (ownerId: string) => ({
  ownerId,
  modifiedBy: 'admin',
  modifiedOn: new Date().toISOString(),
  version: 2,
});

/**
 * The floor: the same rows merged by bare transactions of 100, so many at a time, by the storage client alone. Reading
 * the rows' ETags is not counted. Gives milliseconds.
 */
export async function measureFloor(
  connectionString: string,
  tables: { readonly prefix: string; readonly ids: readonly string[]; readonly inFlight: number },
): Promise<number> {
  const name = `${tables.prefix}${recordTableName('contact')}`;
  const client = TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true });
  const etags = new Map<string, string>();
  const wanted = new Set(tables.ids);
  for await (const { rowKey, etag } of client.listEntities({ queryOptions: { select: ['rowKey'] } })) {
    if (rowKey && wanted.has(rowKey)) etags.set(rowKey, String(etag));
  }
  const transactions = groupBy(tables.ids, bucketOf, 100).map((group) =>
    group.map((id): TransactionAction => {
      const row = { partitionKey: bucketOf(id), rowKey: id, ...change('floor') };
      return ['update', row, 'Merge', { etag: etags.get(id) ?? '' }];
    }),
  );
  const startMs = performance.now();
  await mapParallel(transactions, tables.inFlight, (actions) => client.submitTransaction(actions));
  return performance.now() - startMs;
}
