/** Bugs hunted: a host that waits for the broker as it stops. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { describe, expect, it, vi } from 'vitest';
import type { RegisteredFunction } from '../../../local/functions-core/function-app.ts';
import { createQueueTriggers } from '../../../local/service-bus/queue-trigger.ts';
import { startServiceBus } from '../../../local/service-bus/service-bus.ts';

const FAR_BELOW_LIMIT_MS = 3_000;

describe('E6 queue triggers of the local host', () => {
  it('stop at once while others wait for a session', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'spillway-trigger-'));
    const bus = await startServiceBus({ file: join(folder, 'messages.log'), wish: { port: 0 } });
    const run = vi.fn(async () => undefined);
    const binding = {
      type: 'serviceBusTrigger',
      queueName: 'channel-changes',
      connection: 'BUS',
      isSessionsEnabled: true,
    };
    const triggers = createQueueTriggers({
      functions: [{ name: 'changes', trigger: { binding } } as unknown as RegisteredFunction],
      settings: { BUS: bus.connectionString },
      log: () => undefined,
      invocations: { run } as never,
    });
    triggers.start();
    const client = new ServiceBusClient(bus.connectionString);
    try {
      // One session takes it; seven others wait for one by then.
      await client.createSender('channel-changes').sendMessages({ body: {}, sessionId: 'customer' });
      await vi.waitUntil(() => run.mock.calls.length > 0, 20_000);
      const startedMs = performance.now();
      await triggers.stop();
      expect(performance.now() - startedMs).toBeLessThan(FAR_BELOW_LIMIT_MS);
    } finally {
      await client.close();
      await bus.close();
      rmSync(folder, { recursive: true });
    }
  });
});
