import { join } from 'node:path';
import { startMemoryAzurite } from '../local/azurite/memory-azurite.ts';
import { systemClock } from '../local/clock.ts';
import { createDurableHost } from '../local/durable/durable-host.ts';
import { loadFunctionApp } from '../local/functions-core/load.ts';
import { silentLog } from '../local/log.ts';

const POLL_MS = 5;
const BASE = 'http://127.0.0.1:7071';
const INSTANCES = '/runtime/webhooks/durabletask/instances';
const START = '/runtime/webhooks/durabletask/orchestrators/manyNothings';

/** Milliseconds for each of so many activities that one instance calls in sequence, after a warm-up of the same length. */
export async function engineMsPerActivity(activities: number): Promise<number> {
  const azurite = await startMemoryAzurite();
  const app = await loadFunctionApp({ entryPoints: [join(import.meta.dirname, 'engine-app.js')], log: silentLog });
  const host = createDurableHost({
    app,
    connectionString: azurite.connectionString,
    taskHubName: 'bench',
    baseUrl: BASE,
    clock: systemClock,
    log: silentLog,
    limits: { maxConcurrentActivities: 16, maxConcurrentOrchestrators: 16 },
  });
  await host.start();
  const run = async (id: string): Promise<number> => {
    const startMs = performance.now();
    await call('POST', `${START}/${id}`, { left: activities });
    for (;;) {
      const { runtimeStatus } = await call('GET', `${INSTANCES}/${id}`);
      if (runtimeStatus === 'Completed') return (performance.now() - startMs) / activities;
      if (runtimeStatus === 'Failed') throw new Error('The measured orchestration failed');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  const call = async (method: string, path: string, body?: unknown): Promise<{ runtimeStatus?: string }> => {
    const headers = { 'content-type': 'application/json' };
    const sent = body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body));
    const answer = await host.handle({ method, url: new URL(path, BASE), headers, body: sent });
    return JSON.parse(answer?.body?.toString() || '{}') as { runtimeStatus?: string };
  };
  try {
    await run('warm-up');
    return await run('measured');
  } finally {
    await host.drain(5_000);
    azurite.stop();
  }
}
