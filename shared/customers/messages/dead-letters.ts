/** The dead-letter queue of offline changes: what lies there and why, and the way back. */
import { randomUUID } from 'node:crypto';
import {
  isServiceBusError,
  type ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus';
import { z } from 'zod';
import { Problem } from '../../problem.ts';
import type { ChangeRefusal, ChangeRefusals } from './change-refusals.ts';

/** The queue that offline channels send their changes to. */
export const CHANGE_QUEUE = 'channel-changes';

const BATCH = 50;
const PEEKED_AT_ONCE = 100;
const WAIT_MS = 1_500;

/** A message that was given up. */
export interface DeadLetter {
  readonly messageId: string;
  readonly sessionId: string | null;
  readonly sequenceNumber: number;
  readonly enqueuedOn: string | null;
  readonly deliveryCount: number;
  /** The broker's words. */
  readonly reason: string | null;
  readonly description: string | null;
  /** Why the change was refused, where it was. */
  readonly refusal: ChangeRefusal | null;
  readonly body: unknown;
}

/** Schema of a dead letter. */
export const deadLetterSchema = z.strictObject({
  messageId: z.string(),
  sessionId: z.string().nullable(),
  sequenceNumber: z.number().int(),
  enqueuedOn: z.iso.datetime().nullable(),
  deliveryCount: z.number().int(),
  reason: z.string().nullable(),
  description: z.string().nullable(),
  refusal: z
    .strictObject({ status: z.number().int(), type: z.string(), detail: z.string(), refusedOn: z.iso.datetime() })
    .nullable()
    .describe('Why the change was refused, where it was.'),
  body: z.unknown(),
});

/** The dead-letter queue of offline channels' messages. */
export interface DeadLetters {
  /** At most `count` messages, oldest first, from a sequence number on; `next` where more may follow. */
  list(fromSequence: number, count: number): Promise<{ items: DeadLetter[]; next: number | undefined }>;
  /** Puts messages back, the oldest first: those with these ids, or all; at most `limit`. */
  requeue(messageIds: readonly string[] | undefined, limit: number): Promise<{ requeued: number; more: boolean }>;
}

/**
 * Opens the dead-letter queue. `connect` opens the namespace for one call, as the client remembers how far it has peeked;
 * undefined while no Service Bus is set up. Throws Problem conflict then, and storage-unavailable.
 */
export function openDeadLetters(connect: (() => ServiceBusClient) | undefined, refusals: ChangeRefusals): DeadLetters {
  async function connected<T>(
    work: (client: ServiceBusClient, receiver: ServiceBusReceiver) => Promise<T>,
  ): Promise<T> {
    if (!connect) {
      throw new Problem(
        'conflict',
        'No Service Bus is set up (SPILLWAY_SERVICE_BUS), so there is no dead-letter queue.',
      );
    }
    const client = connect();
    try {
      return await work(client, client.createReceiver(CHANGE_QUEUE, { subQueueType: 'deadLetter' }));
    } catch (error) {
      if (!isServiceBusError(error)) throw error;
      const detail = `Service Bus did not do it (${error.code}). Try again.`;
      throw new Problem('storage-unavailable', detail, { retryAfterSeconds: 5 });
    } finally {
      await client.close();
    }
  }

  return {
    list: (fromSequence, count) =>
      connected(async (_client, receiver) => {
        const messages: ServiceBusReceivedMessage[] = [];
        while (messages.length < count) {
          const page = await receiver.peekMessages(PEEKED_AT_ONCE);
          if (page.length === 0) break;
          messages.push(...page.filter(({ sequenceNumber }) => Number(sequenceNumber) >= fromSequence));
        }
        const items = await Promise.all(messages.slice(0, count).map((message) => toDeadLetter(message, refusals)));
        const last = items.at(-1);
        return { items, next: last && items.length === count ? last.sequenceNumber + 1 : undefined };
      }),
    requeue: (messageIds, limit) => connected((client, receiver) => requeueAll(client, receiver, messageIds, limit)),
  };
}

async function requeueAll(
  client: ServiceBusClient,
  receiver: ServiceBusReceiver,
  messageIds: readonly string[] | undefined,
  limit: number,
): Promise<{ requeued: number; more: boolean }> {
  const sender = client.createSender(CHANGE_QUEUE);
  // Given back at the end only, or they would be received again.
  const passedOver: ServiceBusReceivedMessage[] = [];
  let requeued = 0;
  while (requeued < limit) {
    const count = Math.min(BATCH, limit - requeued);
    const messages = await receiver.receiveMessages(count, { maxWaitTimeInMs: WAIT_MS });
    if (messages.length === 0) break;
    for (const message of messages) {
      if (messageIds && !messageIds.includes(idOf(message))) {
        passedOver.push(message);
        continue;
      }
      await sender.sendMessages(copyOf(message));
      await receiver.completeMessage(message);
      requeued++;
    }
  }
  for (const message of passedOver) await receiver.abandonMessage(message);
  return { requeued, more: requeued >= limit };
}

/** A new id, or the queue's duplicate detection would drop the copy; the change's own key tells that it is the same. */
function copyOf({ body, sessionId, contentType, subject, applicationProperties }: ServiceBusReceivedMessage) {
  const kept = Object.entries(applicationProperties ?? {}).filter(([name]) => !name.startsWith('DeadLetter'));
  return {
    body: body as unknown,
    messageId: randomUUID(),
    ...(sessionId !== undefined && { sessionId }),
    ...(contentType !== undefined && { contentType }),
    ...(subject !== undefined && { subject }),
    applicationProperties: Object.fromEntries(kept),
  };
}

function idOf({ messageId }: ServiceBusReceivedMessage): string {
  return typeof messageId === 'object' ? messageId.toString('hex') : `${messageId ?? ''}`;
}

async function toDeadLetter(message: ServiceBusReceivedMessage, refusals: ChangeRefusals): Promise<DeadLetter> {
  const messageId = idOf(message);
  return {
    messageId,
    sessionId: message.sessionId ?? null,
    sequenceNumber: Number(message.sequenceNumber),
    enqueuedOn: message.enqueuedTimeUtc?.toISOString() ?? null,
    deliveryCount: message.deliveryCount ?? 0,
    reason: message.deadLetterReason ?? null,
    description: message.deadLetterErrorDescription ?? null,
    refusal: (await refusals.find(messageId)) ?? null,
    body: message.body as unknown,
  };
}
