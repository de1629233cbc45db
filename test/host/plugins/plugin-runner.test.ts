/** Plug-ins in worker threads, from compiled files: what a thread may do to the host, and what it may not. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PluginCall, PluginWork } from '../../../shared/cascade/plugins/plugin.ts';
import { createPluginRunner, type PluginRunner } from '../../../shared/cascade/plugins/plugin-runner.ts';
import { Problem } from '../../../shared/problem.ts';
import { PROJECT_PATH } from '../../support/local-host.ts';

let runner: PluginRunner;
beforeAll(() => {
  runner = createPluginRunner({
    modulePath: join(PROJECT_PATH, 'test', 'fixtures', 'plugins', 'plugins.mjs'),
    workerUrl: pathToFileURL(join(PROJECT_PATH, 'dist', 'shared', 'cascade', 'plugins', 'plugin-worker.js')),
  });
});

const ID = '11111111-1111-4111-8111-111111111111';
const call = {
  jobId: 'job-1',
  action: 'assign',
  step: 'before',
  by: 'ann',
  key: 'k',
  record: {
    id: ID,
    table: 'contact',
    ownerId: 'ann',
    state: 'Active',
    createdOn: '',
    createdBy: '',
    modifiedOn: '',
    modifiedBy: '',
    version: 1,
    columns: {},
    lookups: {},
  },
} as const satisfies Omit<PluginCall, 'work'>;

/** Work that notes what it is asked. */
function noting(answers: Partial<PluginWork> = {}): PluginWork & { readonly asked: string[] } {
  const asked: string[] = [];
  const note = (name: keyof PluginWork) =>
    (async (...args: never[]) => {
      asked.push(name);
      return (answers[name] as ((...given: never[]) => unknown) | undefined)?.(...args);
    }) as never;
  return {
    asked,
    get: note('get'),
    create: note('create'),
    update: note('update'),
    assign: note('assign'),
    delete: note('delete'),
  };
}

async function run(name: string, work: PluginWork = noting(), deadlineSeconds = 10): Promise<void> {
  const thread = runner.open(deadlineSeconds);
  try {
    await thread.run({ name, step: 'before' }, call, work);
  } finally {
    thread.release();
  }
}

describe('C10 plug-ins run in threads', () => {
  it('says which plug-in, step, record and exception it was', async () => {
    await expect(run('fails')).rejects.toMatchObject({
      cause: { code: 'plugin-failed', plugin: 'fails' },
      message: `Plug-in fails (before assign) on contact ${ID} threw RangeError: out of luck`,
    });
  });

  it('stops one that keeps the processor for itself, at its deadline', async () => {
    await expect(run('hangs', noting(), 0.3)).rejects.toMatchObject({
      cause: { code: 'plugin-timeout' },
      message: `Plug-in hangs (before assign) on contact ${ID} didn't end within 0.3 seconds.`,
    });
  });

  it('stops one that waits too long, and goes on with the next record in another thread', async () => {
    await expect(run('waits', noting(), 0.3)).rejects.toMatchObject({
      cause: { code: 'plugin-timeout', plugin: 'waits' },
    });
    await expect(run('fails')).rejects.toMatchObject({ cause: { code: 'plugin-failed' } });
  });

  it('lets it read and change records through its work, and tells it refusals that it can deal with', async () => {
    const work = noting({
      async update(_table, _id, { columns }) {
        if (columns?.mood) throw new Problem('invalid-request', 'There is no column mood.');
      },
    });
    await run('asks', work);
    expect(work.asked).toEqual(['get', 'update', 'update']);
  });

  it('hands faults of storage through as they are: they are not the plug-in’s', async () => {
    const fault = new Error('storage is away');
    const work = noting({ get: () => Promise.reject(fault) });
    await expect(run('asks', work)).rejects.toBe(fault);
  });

  it('answers for a plug-in that isn’t declared', async () => {
    await expect(run('nobody')).rejects.toMatchObject({
      cause: { code: 'plugin-failed' },
      message: expect.stringContaining('no plug-in nobody'),
    });
  });
});
