import { describe, expect, it } from 'vitest';
import type { ExecutionStarted } from '../../../../local/durable/history.ts';
import { InstanceTable } from '../../../../local/durable/instance-table.ts';
import type { LogRecord, TurnRecord } from '../../../../local/durable/records.ts';

function started(instanceId: string, executionId: string): ExecutionStarted {
  return {
    type: 'ExecutionStarted',
    at: 1,
    name: 'o',
    instanceId,
    executionId,
    input: null,
    parent: null,
    generation: 0,
  };
}

function turn(instanceId: string, executionId: string, rest: Partial<TurnRecord> = {}): TurnRecord {
  const empty = { taken: 0, arrived: [], decided: [], customStatus: null };
  return { type: 'turn', instanceId, executionId, name: 'o', startedAt: 2, endedAt: 3, ...empty, ...rest };
}

const child = {
  type: 'SubOrchestrationCreated',
  at: 3,
  id: 0,
  name: 'c',
  instanceId: 'child',
  executionId: 'c1',
  input: null,
} as const;
const raised = { type: 'EventRaised', at: 2, name: 'E', input: '1' } as const;
const completed = {
  type: 'ExecutionCompleted',
  at: 3,
  id: 0,
  status: 'Completed',
  result: '1',
  details: null,
} as const;

/** A parent that starts a child; the child ends and tells it. */
const FAMILY: LogRecord[] = [
  { type: 'start', started: started('parent', 'p1') },
  turn('parent', 'p1', { decided: [child] }),
  turn('child', 'c1', {
    decided: [completed],
    tellParent: {
      instanceId: 'parent',
      executionId: 'p1',
      message: { type: 'SubOrchestrationCompleted', at: 3, taskId: 0, result: '1' },
    },
  }),
];

function apply(records: readonly LogRecord[], table = new InstanceTable()): InstanceTable {
  for (const [position, record] of records.entries()) table.apply(position, record);
  return table;
}

const stateOf = (table: InstanceTable) =>
  [...table.all()].sort((a, b) => (a.started.instanceId < b.started.instanceId ? -1 : 1));

describe('the instances that records make', () => {
  it('are told of their children’s ends by the children’s turns', () => {
    const table = apply(FAMILY);
    expect(table.get('child')?.status).toBe('Completed');
    expect(table.get('parent')?.inbox).toMatchObject([{ type: 'SubOrchestrationCompleted', taskId: 0 }]);
  });

  it('are the same from any mixture of snapshots and log (E5)', () => {
    const records: LogRecord[] = [
      ...FAMILY,
      { type: 'message', instanceId: 'parent', executionId: null, message: raised },
      turn('parent', 'p1', { taken: 2, decided: [{ ...completed, id: 1 }] }),
      { type: 'start', started: started('parent', 'p2') },
    ];
    const whole = stateOf(apply(records));
    for (let parentAt = 0; parentAt < records.length; parentAt++) {
      for (let childAt = 1; childAt < records.length; childAt++) {
        const table = new InstanceTable();
        for (const [instanceId, position] of [
          ['parent', parentAt],
          ['child', childAt],
        ] as const) {
          const snapshot = apply(records.slice(0, position + 1)).get(instanceId);
          if (snapshot) table.restore(snapshot, position);
        }
        expect(stateOf(apply(records, table)), `parent at ${parentAt}, child at ${childAt}`).toEqual(whole);
      }
    }
  });

  it('ignore what is meant for an earlier execution', () => {
    const table = apply([
      { type: 'start', started: started('i', 'now') },
      { type: 'message', instanceId: 'i', executionId: 'before', message: raised },
      turn('i', 'before', { decided: [completed] }),
    ]);
    expect(table.get('i')).toMatchObject({ status: 'Pending', inbox: [], history: [] });
  });

  it('are not replaced while they live', () => {
    const table = apply([
      { type: 'start', started: started('i', 'first') },
      { type: 'start', started: started('i', 'second') },
    ]);
    expect(table.get('i')?.started.executionId).toBe('first');
  });

  it('need a snapshot from their first change after the last one on', () => {
    const table = apply([...FAMILY, { type: 'purge', instanceId: 'child' }]);
    expect(table.changedSince(0)).toEqual(['parent']);
    expect(table.changedSince(1).sort()).toEqual(['child', 'parent']);
    table.snapshotStored('parent', 3, false);
    table.snapshotStored('child', 3, false);
    expect(table.changedSince(3)).toEqual([]);
    table.apply(4, { type: 'message', instanceId: 'parent', executionId: null, message: raised });
    expect(table.changedSince(4)).toEqual(['parent']);
  });
});
