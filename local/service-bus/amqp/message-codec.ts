import { randomUUID } from 'node:crypto';
import type { Message } from 'rhea';
import type { LockedMessage, QueuedMessage } from '../message-queue.ts';
import type { SentMessage } from '../namespace.ts';
import { type DecodedMessage, rhea } from './rhea.ts';

/** Message format of a batch: each data section of its body is a message. */
export const BATCH_FORMAT = 0x80013700;

/** A message as the queues keep it. One without an id gets one, which the SDK's lock renewal needs. */
export function toSentMessage(message: Message): SentMessage {
  const kept = { ...message, message_id: message.message_id ?? randomUUID() };
  return {
    messageId: String(kept.message_id),
    sessionId: message.group_id,
    body: rhea.message.encode(kept).toString('base64'),
  };
}

/** The messages of a batch. */
export function splitBatch(encoded: Buffer): Message[] {
  const { content, multiple } = (rhea.message.decode(encoded) as unknown as DecodedMessage).body;
  const parts = multiple ? (content as Buffer[]) : [content as Buffer];
  return parts.map((part) => rhea.message.decode(part) as unknown as Message);
}

/** A stored message as it travels, with what the broker adds to it. */
export function toDelivery(stored: QueuedMessage, lock?: Pick<LockedMessage, 'lockedUntilMs'>): Message {
  const message = rhea.message.decode(Buffer.from(stored.body, 'base64')) as unknown as Message;
  const { sequence, enqueuedMs, deliveryCount, deadLetter } = stored;
  return {
    ...message,
    delivery_count: deliveryCount,
    message_annotations: {
      ...message.message_annotations,
      'x-opt-sequence-number': rhea.types.wrap_long(sequence),
      'x-opt-enqueue-sequence-number': rhea.types.wrap_long(sequence),
      'x-opt-enqueued-time': rhea.types.wrap_timestamp(enqueuedMs),
      'x-opt-message-state': rhea.types.wrap_int(0),
      ...(lock && { 'x-opt-locked-until': rhea.types.wrap_timestamp(lock.lockedUntilMs) }),
      ...(deadLetter && { 'x-opt-deadletter-source': deadLetter.source }),
    },
    ...(deadLetter && { application_properties: { ...message.application_properties, ...deadLetter.properties } }),
  } as Message;
}

/** A message as peeking gives it: encoded. */
export function toPeeked(stored: QueuedMessage): Buffer {
  return rhea.message.encode(toDelivery(stored));
}

/** A lock's token as it stands in requests: the delivery's tag with the parts of a .NET GUID turned round. Its own inverse. */
export function swapToken(token: Buffer): Buffer {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return Buffer.from(order.map((at) => token[at] ?? 0));
}

const TICKS_OF_1970 = 621_355_968_000_000_000n;

/** A time as .NET ticks, in the 8 bytes that the SDK reads. */
export function ticksOf(ms: number): Buffer {
  const ticks = Buffer.alloc(8);
  ticks.writeBigInt64BE(BigInt(Math.round(ms)) * 10_000n + TICKS_OF_1970);
  return ticks;
}

/** A whole number that came as a long. */
export function fromLong(value: unknown): number {
  return Buffer.isBuffer(value) ? Number(value.readBigInt64BE()) : Number(value ?? 0);
}
