import { z } from 'zod';
import { countWaiting } from '../../shared/events/count-waiting.ts';
import { EVENT_TOPIC } from '../../shared/events/event-topic.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import type { SettingsStore } from '../../shared/settings/settings.ts';
import type { Storage } from '../../shared/storage/storage.ts';

export interface GetOutboxPorts {
  readonly storage: Storage;
  readonly settings: Pick<SettingsStore, 'readSettings'>;
  /** Whether a Service Bus connection is set up. */
  readonly hasServiceBus: boolean;
}

/** Schema of the outbox as it stands. */
export const outboxSchema = z.strictObject({
  topic: z.strictObject({ name: z.string(), isSetUp: z.boolean() }),
  webhook: z.strictObject({ url: z.string(), isSetUp: z.boolean() }),
  waiting: z.strictObject({
    keys: z.number().int().describe('Jobs and customers that have events waiting.'),
    failing: z.number().int(),
    since: z.iso.datetime().nullable(),
    lastError: z.string().nullable(),
  }),
  explanation: z.string(),
});

/** GET /events/outbox: who takes events, how many jobs and customers have some waiting, and why. */
export function getOutbox({ storage, settings, hasServiceBus }: GetOutboxPorts): Endpoint {
  return endpoint({
    name: 'getOutbox',
    summary: 'Tell who takes events and what waits, and why.',
    method: 'GET',
    route: 'events/outbox',
    roles: ['Administrator'],
    answers: { 200: outboxSchema },
    problems: [],
    async handle() {
      const { webhook } = (await settings.readSettings()).settings;
      const hasWebhook = webhook.url !== '';
      const waiting = await countWaiting(storage);
      const explanation =
        hasServiceBus || hasWebhook
          ? 'Events leave the outbox once every receiver that is set up has them.'
          : 'Neither a Service Bus connection (SPILLWAY_SERVICE_BUS) nor a webhook is set up, so events stay here until their retention ends.';
      const topic = { name: EVENT_TOPIC, isSetUp: hasServiceBus };
      return { status: 200, body: { topic, webhook: { url: webhook.url, isSetUp: hasWebhook }, waiting, explanation } };
    },
  });
}
