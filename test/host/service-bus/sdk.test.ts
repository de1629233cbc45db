/** The stand-in as the unmodified SDK sees it. Bugs hunted: what only shows on the wire, and what a death would lose. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalServiceBus, startServiceBus } from '../../../local/service-bus/service-bus.ts';

const queue = { requiresSession: false, lockMs: 30_000, maxDeliveryCount: 3, maxMessages: 0 };
const topology = {
  queues: {
    plain: queue,
    hasty: { ...queue, lockMs: 400 },
    sessions: { ...queue, requiresSession: true },
    'hasty-sessions': { ...queue, requiresSession: true, lockMs: 400 },
  },
  topics: { news: { all: queue, 'by-key': { ...queue, requiresSession: true } } },
  duplicateWindowMs: 60_000,
};

let folder: string;
let bus: LocalServiceBus;
let client: ServiceBusClient;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spillway-bus-'));
  await start();
});
afterEach(async () => {
  await end();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<void> {
  bus = await startServiceBus({ file: join(folder, 'messages.log'), wish: { port: 0 }, topology });
  client = new ServiceBusClient(bus.connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 5_000 } });
}

async function end(): Promise<void> {
  await client.close();
  await bus.close();
}

const bodies = (messages: readonly ServiceBusReceivedMessage[]) => messages.map(({ body }) => body as unknown);
const wait = { maxWaitTimeInMs: 300 };

describe('E6 the stand-in for Service Bus: queues', () => {
  it('carry messages with all that belongs to them', async () => {
    const sent = {
      body: { name: 'Zoë', list: [1, 2] },
      messageId: 'm-1',
      subject: 'greeting',
      contentType: 'application/json',
      correlationId: 'c-1',
      applicationProperties: { kind: 'test', count: 3 },
    };
    await client.createSender('plain').sendMessages(sent);
    const [got] = await client.createReceiver('plain').receiveMessages(1);
    expect(got).toMatchObject({ ...sent, deliveryCount: 0, sequenceNumber: expect.anything() });
    expect(got?.enqueuedTimeUtc?.getTime()).toBeGreaterThan(Date.now() - 10_000);
    expect(got?.lockedUntilUtc?.getTime()).toBeGreaterThan(Date.now());
  });

  it('take lists and batches, and give them in order', async () => {
    const sender = client.createSender('plain');
    await sender.sendMessages([{ body: 1 }, { body: 2 }]);
    const batch = await sender.createMessageBatch();
    for (let at = 3; at <= 50; at++) expect(batch.tryAddMessage({ body: at })).toBe(true);
    await sender.sendMessages(batch);
    const got = await client.createReceiver('plain').receiveMessages(100, wait);
    expect(bodies(got)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
  });

  it('take a message out once it is completed, for good', async () => {
    await client.createSender('plain').sendMessages([{ body: 'a' }, { body: 'b' }]);
    const receiver = client.createReceiver('plain');
    const [first, second] = await receiver.receiveMessages(2, wait);
    if (first) await receiver.completeMessage(first);
    if (second) await receiver.abandonMessage(second);
    const again = await receiver.receiveMessages(2, wait);
    expect(again.map(({ body, deliveryCount }) => [body, deliveryCount])).toEqual([['b', 1]]);
  });

  it('dead-letter what was delivered too often, and what is asked to be', async () => {
    await client.createSender('plain').sendMessages([{ body: 'poison' }]);
    const receiver = client.createReceiver('plain');
    for (let delivery = 0; delivery < 3; delivery++) {
      const [message] = await receiver.receiveMessages(1);
      if (message) await receiver.abandonMessage(message);
    }
    await client.createSender('plain').sendMessages({ body: 'refused' });
    const [refused] = await receiver.receiveMessages(1);
    if (refused) {
      const options = { deadLetterReason: 'bad', deadLetterErrorDescription: 'It has no name.', more: 'x' };
      await receiver.deadLetterMessage(refused, options);
    }
    const dead = await client.createReceiver('plain', { subQueueType: 'deadLetter' }).receiveMessages(5, wait);
    expect(dead).toMatchObject([
      { body: 'poison', deadLetterReason: 'MaxDeliveryCountExceeded', deadLetterSource: 'plain', deliveryCount: 3 },
      { body: 'refused', deadLetterReason: 'bad', deadLetterErrorDescription: 'It has no name.' },
    ]);
  });

  it('give a message out again when its lock runs out, unless it is renewed', async () => {
    await client.createSender('hasty').sendMessages({ body: 1 });
    const receiver = client.createReceiver('hasty', { maxAutoLockRenewalDurationInMs: 0 });
    const [message] = await receiver.receiveMessages(1);
    if (!message) throw new Error('nothing came');
    const until = await receiver.renewMessageLock(message);
    expect(until.getTime()).toBeGreaterThan(Date.now());
    const [again] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 3000 });
    expect(again).toMatchObject({ body: 1, deliveryCount: 1 });
    await expect(receiver.completeMessage(message)).rejects.toMatchObject({ code: 'MessageLockLost' });
    await expect(receiver.renewMessageLock(message)).rejects.toMatchObject({ code: 'MessageLockLost' });
  });

  it('take a message id once within the window', async () => {
    const sender = client.createSender('plain');
    await sender.sendMessages([{ body: 1, messageId: 'same' }]);
    await sender.sendMessages([
      { body: 2, messageId: 'same' },
      { body: 3, messageId: 'other' },
    ]);
    expect(bodies(await client.createReceiver('plain').receiveMessages(5, wait))).toEqual([1, 3]);
  });

  it('can be looked into without taking anything', async () => {
    await client.createSender('plain').sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
    const receiver = client.createReceiver('plain');
    expect(bodies(await receiver.peekMessages(2))).toEqual([1, 2]);
    expect(bodies(await receiver.peekMessages(2))).toEqual([3]);
    expect(await receiver.peekMessages(2)).toEqual([]);
    expect(await receiver.receiveMessages(5, wait)).toHaveLength(3);
  });

  it('also give messages away without locks', async () => {
    await client.createSender('plain').sendMessages({ body: 1 });
    const receiver = client.createReceiver('plain', { receiveMode: 'receiveAndDelete' });
    expect(bodies(await receiver.receiveMessages(1))).toEqual([1]);
    expect(await client.createReceiver('plain').peekMessages(1)).toEqual([]);
  });

  it('that do not exist are named', async () => {
    const failure = { code: 'MessagingEntityNotFound' };
    await expect(client.createSender('nowhere').sendMessages({ body: 1 })).rejects.toMatchObject(failure);
    await expect(client.createReceiver('nowhere').receiveMessages(1)).rejects.toMatchObject(failure);
  });
});

describe('E6 the stand-in for Service Bus: sessions', () => {
  it('are taken by one receiver at a time, in order', async () => {
    const sender = client.createSender('sessions');
    await sender.sendMessages([
      { body: 1, sessionId: 'a' },
      { body: 2, sessionId: 'b' },
      { body: 3, sessionId: 'a' },
    ]);
    const a = await client.acceptSession('sessions', 'a');
    expect(bodies(await a.receiveMessages(5, wait))).toEqual([1, 3]);
    await expect(client.acceptSession('sessions', 'a')).rejects.toMatchObject({ code: 'SessionCannotBeLocked' });
    const next = await client.acceptNextSession('sessions');
    expect(next.sessionId).toBe('b');
    expect(bodies(await next.receiveMessages(5, wait))).toEqual([2]);
    await a.close();
    const again = await client.acceptSession('sessions', 'a');
    expect((await again.receiveMessages(5, wait)).map(({ deliveryCount }) => deliveryCount)).toEqual([1, 1]);
  });

  it('are waited for, and given up when none comes', async () => {
    const waiting = client.acceptNextSession('sessions');
    await client.createSender('sessions').sendMessages({ body: 1, sessionId: 'late' });
    expect((await waiting).sessionId).toBe('late');
    const impatient = new ServiceBusClient(bus.connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 700 } });
    await expect(impatient.acceptNextSession('sessions')).rejects.toMatchObject({ code: 'ServiceTimeout' });
    await impatient.close();
  });

  it('are free again when their lock runs out, and not while it is renewed', async () => {
    await client.createSender('hasty-sessions').sendMessages({ body: 1, sessionId: 'a' });
    const first = await client.acceptSession('hasty-sessions', 'a', { maxAutoLockRenewalDurationInMs: 0 });
    const [message] = await first.receiveMessages(1);
    expect((await first.renewSessionLock()).getTime()).toBeGreaterThan(Date.now());
    const second = await client.acceptNextSession('hasty-sessions');
    expect(second.sessionId).toBe('a');
    if (message) await expect(first.completeMessage(message)).rejects.toMatchObject({ code: 'SessionLockLost' });
    expect(bodies(await second.receiveMessages(1))).toEqual([1]);
  });

  it('keep a state, dead-letter, and refuse messages without a session', async () => {
    await client.createSender('sessions').sendMessages({ body: 1, sessionId: 'a' });
    const receiver = await client.acceptSession('sessions', 'a');
    await receiver.setSessionState({ step: 2 });
    expect(await receiver.getSessionState()).toEqual({ step: 2 });
    const [message] = await receiver.receiveMessages(1);
    if (message) await receiver.deadLetterMessage(message, { deadLetterReason: 'bad', deadLetterErrorDescription: '' });
    const dead = await client.createReceiver('sessions', { subQueueType: 'deadLetter' }).receiveMessages(1);
    expect(dead).toMatchObject([{ body: 1, sessionId: 'a', deadLetterReason: 'bad' }]);
    await expect(client.createSender('sessions').sendMessages({ body: 1 })).rejects.toThrow('session id');
    await expect(client.createReceiver('sessions').receiveMessages(1)).rejects.toThrow('requires sessions');
  });

  it('are served by the SDK’s own loop', async () => {
    const sender = client.createSender('sessions');
    const ids = Array.from({ length: 200 }, () => randomUUID());
    await sender.sendMessages(ids.map((messageId, at) => ({ body: at, messageId, sessionId: 'a' })));
    const receiver = await client.acceptNextSession('sessions');
    const got: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      receiver.subscribe({
        processMessage: async ({ body }) => {
          got.push(body);
          if (got.length === ids.length) resolve();
        },
        processError: async ({ error }) => reject(error),
      });
    });
    expect(got).toEqual(ids.map((_, at) => at));
  });
});

describe('E6 the stand-in for Service Bus: topics', () => {
  it('give a message to each subscription, once per id', async () => {
    const sender = client.createSender('news');
    await sender.sendMessages({ body: 1, sessionId: 'k', messageId: 'e-1' });
    await sender.sendMessages([
      { body: 1, sessionId: 'k', messageId: 'e-1' },
      { body: 2, sessionId: 'k', messageId: 'e-2' },
    ]);
    expect(bodies(await client.createReceiver('news', 'all').receiveMessages(5, wait))).toEqual([1, 2]);
    const session = await client.acceptSession('news', 'by-key', 'k');
    expect(bodies(await session.receiveMessages(5, wait))).toEqual([1, 2]);
  });
});

describe('E5 the stand-in for Service Bus, ended and started again', () => {
  it('has lost nothing, repeats nothing that was completed, and knows ids again', async () => {
    const sender = client.createSender('plain');
    await sender.sendMessages(Array.from({ length: 20 }, (_, at) => ({ body: at, messageId: `m-${at}` })));
    const receiver = client.createReceiver('plain');
    for (const message of await receiver.receiveMessages(5)) await receiver.completeMessage(message);
    const locked = await receiver.receiveMessages(1);
    expect(bodies(locked)).toEqual([5]);
    await end();
    await start();
    await client.createSender('plain').sendMessages([{ body: 'repeated', messageId: 'm-3' }]);
    const rest = await client.createReceiver('plain').receiveMessages(50, wait);
    expect(bodies(rest)).toEqual(Array.from({ length: 15 }, (_, at) => at + 5));
  });
});
