import type { TableName } from '../../catalogue/tables.ts';
import type { RecordRow } from '../../records/record-row.ts';
import type { StoredRow } from '../../storage/table.ts';
import { decideOn, ruleOf } from '../actions/rules.ts';
import { toCurrent } from '../apply/current-record.ts';
import type { CascadePlan } from '../plans.ts';
import type { FoundRecord } from './found-records.ts';

/** A record as found. One that would not be changed if its turn came now (a transaction holds it, it is as wanted) is looked at again later. */
export function toFound(
  plan: CascadePlan,
  table: TableName,
  row: StoredRow<RecordRow>,
  { effect, links }: Pick<FoundRecord, 'effect' | 'links'>,
): FoundRecord {
  const { rowKey: id, etag, version, ownerId } = row;
  const found: FoundRecord = { id, etag, version, ownerId, effect, links };
  const isReady =
    ruleOf(plan).decidesAsFound && decideOn(plan, found, toCurrent(row, undefined), { table, on: '' }).kind === 'write';
  return isReady ? found : { ...found, etag: '' };
}
