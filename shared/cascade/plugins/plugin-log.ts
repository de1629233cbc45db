import type { TableName } from '../../catalogue/tables.ts';
import type { Decided } from '../apply/write-part.ts';
import type { SideChange } from '../ports.ts';

/**
 * What was decided on a record, as the change log is to have it: with what plug-ins have changed of it too, as one change, and
 * with it what they have changed of others. So undo takes it all back.
 */
export function withWritten(table: TableName, decided: Decided, written: readonly SideChange[]): Decided {
  const { id, decision } = decided;
  const own = written.find((change) => change.table === table && change.recordId === id);
  const others = written.filter((change) => change !== own);
  if (!own || decision.kind !== 'write') return { ...decided, ...(written.length > 0 && { besides: written }) };
  const names = new Set(own.changes.map(({ name }) => name));
  const changes = [...decision.changes.filter(({ name }) => !names.has(name)), ...own.changes];
  const besides = others.length > 0 && { besides: others };
  return { ...decided, decision: { ...decision, bumpsVersion: true, changes }, ...besides };
}
