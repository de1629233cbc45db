import { randomUUID } from 'node:crypto';
import type { TimerHandler } from '@azure/functions';
import { drainOutbox, type Receiver } from '../../shared/events/drain-outbox.ts';
import { createWebhook } from '../../shared/events/webhook.ts';
import type { TargetRules } from '../../shared/events/webhook-target.ts';
import type { SettingsStore } from '../../shared/settings/settings.ts';
import { takeLease } from '../../shared/storage/lease.ts';
import type { Storage } from '../../shared/storage/storage.ts';

/** Every ten seconds. It runs also while the setting `timersEnabled` is off: what has happened is told. */
export const DRAIN_SCHEDULE = '*/10 * * * * *';

const LEASE_MS = 60_000;
/** A pass begins no further key after so long, so that the function ends well before its host's limit. */
const PASS_MS = 4 * 60_000;

export interface DrainEventsPorts extends TargetRules {
  readonly storage: Storage;
  readonly settings: Pick<SettingsStore, 'readSettings'>;
  /** Undefined where no Service Bus is set up. */
  readonly topic: Receiver | undefined;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}

/** The timer `drainEvents`: brings the outbox's events to the topic and the webhook; one host at a time. */
export function createDrainEvents({ storage, settings, topic, now, allowsLoopback }: DrainEventsPorts): TimerHandler {
  return async (_timer, context) => {
    const { webhook } = (await settings.readSettings()).settings;
    const posted = webhook.url === '' ? [] : [createWebhook({ ...webhook, now, allowsLoopback })];
    const receivers = [...(topic ? [topic] : []), ...posted];
    if (receivers.length === 0) return;
    const table = storage.table('outboxlease');
    const lease = await takeLease(table, { name: 'drain', holder: randomUUID(), lastsMs: LEASE_MS, now });
    if (!lease) return;
    try {
      const endMs = now() + PASS_MS;
      const goOn = async () => now() < endMs && lease.renew();
      const { sent, failedKeys, lastError } = await drainOutbox({ storage, receivers, now, goOn });
      if (sent > 0) context.debug(`${sent} events sent.`);
      if (failedKeys > 0)
        context.warn(`Events of ${failedKeys} keys couldn't be sent and are tried again. ${lastError}`);
    } finally {
      await lease.release();
    }
  };
}
