/**
 * Messages of channels that were offline. A message carries one line as in POST /channels/{channel}/changes, and the
 * channel. Its session is the customer, so that a customer's messages come one after the other, in order.
 *
 *  MESSAGE-1  The line's key makes a message that comes twice the same request (shared/customers/channel/change-list.ts).
 *  MESSAGE-2  What may go better in a moment is tried again here for a while, so that the broker's deliveries aren't used
 *             up by a short outage. What was refused, or still fails then, fails the function: the broker delivers it
 *             again, and moves it to the dead-letter queue after the last delivery. Why it was refused is kept
 *             (change-refusals.ts).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { InvocationContext, ServiceBusQueueHandler } from '@azure/functions';
import { z } from 'zod';
import type { ChangeLists, LineResult } from '../../shared/customers/channel/change-list.ts';
import type { ChannelStore } from '../../shared/customers/channels/channels.ts';
import type { ChangeRefusals } from '../../shared/customers/messages/change-refusals.ts';
import { Problem } from '../../shared/problem.ts';

/** Waits between attempts, in ms: less in all than a session's lock is renewed for. */
const WAITS_MS = [500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 30_000];

const envelopeSchema = z.looseObject({ channel: z.string().min(1).max(64) });

export interface ChannelMessagePorts {
  readonly channels: Pick<ChannelStore, 'find'>;
  readonly lists: ChangeLists;
  readonly refusals: ChangeRefusals;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  /** Replaced in tests. */
  readonly wait?: (ms: number) => Promise<void>;
}

/** The handler of queue `channel-changes`. Throws what keeps a message from being taken. */
export function createChannelMessages(ports: ChannelMessagePorts): ServiceBusQueueHandler {
  const { wait = sleep } = ports;
  return async (message: unknown, context: InvocationContext) => {
    const { messageId: given } = context.triggerMetadata ?? {};
    const messageId = typeof given === 'string' ? given : context.invocationId;
    let result = await submit(ports, message, context);
    for (const ms of WAITS_MS) {
      if (!mayGoBetter(result)) break;
      await wait(ms);
      result = await submit(ports, message, context);
    }
    const { problem, status } = result;
    if (!problem) return;
    if (!mayGoBetter(result)) {
      const refusedOn = new Date(ports.now()).toISOString();
      await ports.refusals.note(messageId, { status, type: problem.type, detail: problem.detail, refusedOn });
    }
    throw new Error(`Message ${messageId} is not taken (${problem.title}): ${problem.detail}`);
  };
}

type Outcome = Pick<LineResult, 'status' | 'problem'>;

async function submit(ports: ChannelMessagePorts, message: unknown, context: InvocationContext): Promise<Outcome> {
  try {
    const parsed = envelopeSchema.safeParse(message);
    if (!parsed.success) {
      throw new Problem(
        'invalid-request',
        'The message is not a JSON object with a channel and a change. Send {channel, operation, key, …} as in a list of changes.',
      );
    }
    const { channel: id, ...line } = parsed.data;
    const channel = await ports.channels.find(id);
    if (!channel) throw new Problem('channel-of-message-unknown', { channel: id });
    const log = (text: string) => context.warn(text);
    const [result] = await ports.lists.submit({ channel, lines: [line], by: `channel:${id}`, log });
    return result ?? { status: 500 };
  } catch (error) {
    const problem = error instanceof Problem ? error : unavailable(error, context);
    return { status: problem.status, problem: problem.toBody() };
  }
}

function unavailable(error: unknown, context: InvocationContext): Problem {
  context.warn(`A message couldn't be tried: ${String(error)}`);
  return new Problem('storage-unavailable', 'Storage, or another service that is needed, did not answer.');
}

/** Storage that is away, another attempt that is at it: not a promise that isn't kept yet. */
function mayGoBetter({ status, problem }: Outcome): boolean {
  if (problem?.type.endsWith('/request-in-flight') || problem?.type.endsWith('/locked')) return true;
  return status >= 500 && status !== 501;
}
