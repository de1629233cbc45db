import { operationId, type StagedOperation } from '../customer-operation.ts';
import type { HqOperations } from '../ports.ts';
import type { OperationProgress } from './channel-view.ts';

/** How far operations are, by their ids; those that headquarters doesn't have yet are absent. */
export async function readProgress(
  hqOperations: HqOperations,
  operations: readonly StagedOperation[],
): Promise<Map<string, OperationProgress>> {
  if (operations.length === 0) return new Map();
  const found = await hqOperations.findMany(operations);
  const entries = operations.flatMap((operation, at): [string, OperationProgress][] => {
    const hq = found[at];
    return hq ? [[operationId(operation), { status: hq.status, sequence: hq.sequence }]] : [];
  });
  return new Map(entries);
}
