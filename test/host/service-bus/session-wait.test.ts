/**
 * Waiting for a session, as the wire shows it. Bugs hunted: an answer that comes when the client has stopped waiting, and a
 * client that stops waiting and takes the waits of its whole connection along.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import type { Connection, Container, EventContext, Receiver, Session } from 'rhea';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../local/clock.ts';
import { type LocalServiceBus, startServiceBus } from '../../../local/service-bus/service-bus.ts';

const rhea = createRequire(import.meta.url)('rhea') as Container;
const START_MS = Date.parse('2026-11-29T00:00:00Z');

let folder: string;
let bus: LocalServiceBus;
let clock: VirtualClock;
let connection: Connection;
let faults: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spillway-wait-'));
  clock = new VirtualClock(START_MS);
  bus = await startServiceBus({ file: join(folder, 'messages.log'), wish: { port: 0 }, clock });
  const container = rhea.create_container();
  const own: string[] = [];
  for (const event of ['protocol_error', 'connection_error', 'disconnected', 'error']) {
    container.on(event, () => own.push(event));
  }
  faults = own;
  connection = container.connect({ host: '127.0.0.1', port: bus.port, username: 'anonymous', reconnect: false });
  await once(connection, 'connection_open');
});

afterEach(async () => {
  connection.close();
  await bus.close();
  rmSync(folder, { recursive: true });
});

/** A receiver in a session of its own that asks for whatever session comes, for as long as the SDK asks by default. */
function waitForSession(): { receiver: Receiver; session: Session } {
  const session = connection.create_session();
  session.begin();
  const filter = { 'com.microsoft:session-filter': null };
  const receiver = session.attach_receiver({
    source: { address: 'channel-changes', filter } as never,
    properties: { 'com.microsoft:timeout': rhea.types.wrap_uint(60_000) },
    rcv_settle_mode: 1,
    autoaccept: false,
  });
  return { receiver, session };
}

/** The stand-in has heard all that this connection has sent before. */
async function heard(): Promise<void> {
  const probe = connection.open_receiver('channel-changes/subscriptions/none');
  await once(probe, 'receiver_close');
}

async function sendTo(sessionId: string): Promise<void> {
  const client = new ServiceBusClient(bus.connectionString);
  await client.createSender('channel-changes').sendMessages({ body: {}, sessionId });
  await client.close();
}

describe('E6 the stand-in for Service Bus: a wait for a session', () => {
  it('is answered before the time runs out that the client gives it, and not much before', async () => {
    const { receiver } = waitForSession();
    await heard();
    const answered: string[] = [];
    receiver.once('receiver_close', () => answered.push(String((receiver.error as { condition?: string }).condition)));
    await clock.advance(58_000);
    await heard();
    expect(answered).toEqual([]);
    await clock.advance(1_500);
    await heard();
    expect(answered).toEqual(['com.microsoft:timeout']);
    expect(faults).toEqual([]);
  });

  it('that the client gives up leaves the connection and its other waits alone', async () => {
    const [first, second] = [waitForSession(), waitForSession()];
    await heard();
    const opened: string[] = [];
    first.receiver.once('receiver_open', () => opened.push('first'));
    first.receiver.close();
    await once(first.receiver, 'receiver_close');
    expect(opened).toEqual(['first']);

    const taken = once(second.receiver, 'receiver_open') as Promise<EventContext[]>;
    await sendTo('customer');
    await taken;
    expect(second.receiver.source.filter).toMatchObject({ 'com.microsoft:session-filter': 'customer' });
    expect(faults).toEqual([]);
  });

  it('whose session the client ends is over: nothing is sent for it, and no session is kept from others', async () => {
    const { session } = waitForSession();
    await heard();
    session.close();
    await once(session, 'session_close');
    await sendTo('customer');
    await clock.advance(60_000);
    const next = waitForSession();
    await once(next.receiver, 'receiver_open');
    expect(next.receiver.source.filter).toMatchObject({ 'com.microsoft:session-filter': 'customer' });
    expect(faults).toEqual([]);
  });
});
