import { describe, expect, it } from 'vitest';
import { GroupCommit } from '../../../../local/durable/group-commit.ts';
import type { LogRecord } from '../../../../local/durable/records.ts';

const purge = (instanceId: string): LogRecord => ({ type: 'purge', instanceId });

/** A log whose writes end when the test says so. */
function controlled() {
  const entries: LogRecord[][] = [];
  const stored: string[] = [];
  const failures: unknown[] = [];
  const pending: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  const commits = new GroupCommit(
    async (text) => {
      entries.push(JSON.parse(text) as LogRecord[]);
      await new Promise<void>((resolve, reject) => pending.push({ resolve, reject }));
      return entries.length - 1;
    },
    (position, records) => {
      for (const record of records) if (record.type === 'purge') stored.push(`${position}:${record.instanceId}`);
    },
    (error) => failures.push(error),
  );
  return { commits, entries, stored, failures, pending };
}

describe('group commit', () => {
  it('writes what comes in during a write together in the next, in order', async () => {
    const { commits, entries, stored, pending } = controlled();
    const all = Promise.all(['a', 'b', 'c'].map((id) => commits.commit(purge(id))));
    expect(entries).toHaveLength(1);
    expect(commits.isIdle).toBe(false);
    pending[0]?.resolve();
    await new Promise(setImmediate);
    expect(entries).toEqual([[purge('a')], [purge('b'), purge('c')]]);
    pending[1]?.resolve();
    await all;
    expect(stored).toEqual(['0:a', '1:b', '1:c']);
    expect(commits.isIdle).toBe(true);
  });

  it('cuts groups that are too long for an entry', async () => {
    const { commits, entries, pending } = controlled();
    const long = (id: string) => commits.commit(purge(id.repeat(300_000)));
    const all = Promise.all([commits.commit(purge('first')), long('a'), long('b')]);
    for (let write = 0; write < 3; write++) {
      pending[write]?.resolve();
      await new Promise(setImmediate);
    }
    await all;
    expect(entries.map((entry) => entry.length)).toEqual([1, 1, 1]);
  });

  it('accepts nothing after a failed write, and tells of it once', async () => {
    const { commits, failures, pending } = controlled();
    const first = commits.commit(purge('a')).catch((error: unknown) => error);
    const second = commits.commit(purge('b')).catch((error: unknown) => error);
    pending[0]?.reject('fenced');
    expect(await Promise.all([first, second])).toEqual(['fenced', 'fenced']);
    await expect(commits.commit(purge('c'))).rejects.toBe('fenced');
    expect(failures).toEqual(['fenced']);
  });
});
