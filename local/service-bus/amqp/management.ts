/** Requests to a queue's `$management` node: what receivers ask for beside messages. */
import type { Message } from 'rhea';
import type { MessageQueue, Outcome } from '../message-queue.ts';
import type { Namespace } from '../namespace.ts';
import { fromLong, swapToken, toPeeked } from './message-codec.ts';
import { rhea } from './rhea.ts';

const TIMESTAMP = 0x83;

/** An answer: a body, or why there is none. */
type Answer =
  | { readonly body: unknown }
  | { readonly status: number; readonly condition: string; readonly text: string };

type Body = Readonly<Record<string, unknown>>;
type Operation = (queue: MessageQueue, body: Body, entity: { namespace: Namespace; address: string }) => Answer;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'com.microsoft:renew-lock'(queue, body, { namespace }) {
    const times = tokensOf(body).map((token) => queue.renew(token, namespace.clock.now()));
    if (times.includes(undefined)) return lost('message');
    return { body: { expirations: rhea.types.wrap_array(times as number[], TIMESTAMP, undefined) } };
  },
  'com.microsoft:renew-session-lock'(queue, body, { namespace }) {
    const untilMs = queue.renewSession(String(body['session-id']), namespace.clock.now());
    return untilMs === undefined ? lost('session') : { body: { expiration: rhea.types.wrap_timestamp(untilMs) } };
  },
  'com.microsoft:get-session-state'(queue, body) {
    const state = queue.sessionState(String(body['session-id']));
    return { body: { 'session-state': state === null ? null : Buffer.from(state, 'base64') } };
  },
  'com.microsoft:set-session-state'(_queue, body, { namespace, address }) {
    const state = body['session-state'];
    const kept = Buffer.isBuffer(state) ? state.toString('base64') : null;
    const change = { kind: 'state' as const, sessionId: String(body['session-id']), state: kept };
    namespace.settle(address, { changes: [change] });
    return { body: {} };
  },
  'com.microsoft:peek-message'(queue, body) {
    const id = body['session-id'];
    const from = fromLong(body['from-sequence-number']);
    const messages = queue.peek(from, Number(body['message-count']), typeof id === 'string' ? id : undefined);
    if (messages.length === 0)
      return { status: 204, condition: 'com.microsoft:message-not-found', text: 'No messages.' };
    return { body: { messages: messages.map((message) => ({ message: toPeeked(message) })) } };
  },
  'com.microsoft:update-disposition'(queue, body, { namespace, address }) {
    const outcome = outcomeOf(body);
    if (!outcome) return notImplemented(`disposition ${String(body['disposition-status'])}`);
    for (const token of tokensOf(body)) {
      const settled = queue.settle(token, outcome);
      if (!settled) return lost(body['session-id'] === undefined ? 'message' : 'session');
      namespace.settle(address, settled);
    }
    return { body: {} };
  },
};

/** The answer to a request, as a message. */
export function answerManagement(namespace: Namespace, address: string, request: Message): Message {
  const name = String(request.application_properties?.operation);
  const queue = namespace.queue(address);
  const operation = OPERATIONS[name];
  const answer = !queue
    ? { status: 404, condition: 'amqp:not-found', text: `There is no entity ${address}.` }
    : operation
      ? operation(queue, (request.body ?? {}) as Body, { namespace, address })
      : notImplemented(name);
  const status = 'body' in answer ? 200 : answer.status;
  return {
    correlation_id: request.message_id,
    application_properties: {
      statusCode: rhea.types.wrap_int(status),
      statusDescription: 'body' in answer ? 'OK' : answer.text,
      ...('body' in answer ? {} : { errorCondition: rhea.types.wrap_symbol(answer.condition) }),
    },
    body: 'body' in answer ? answer.body : {},
  } as Message;
}

function tokensOf(body: Body): Buffer[] {
  return ((body['lock-tokens'] ?? []) as Buffer[]).map(swapToken);
}

function outcomeOf(body: Body): Outcome | undefined {
  switch (body['disposition-status']) {
    case 'completed':
      return { kind: 'complete' };
    case 'abandoned':
      return { kind: 'abandon' };
    case 'suspended': {
      const { 'deadletter-reason': reason, 'deadletter-description': description } = body;
      const properties = { DeadLetterReason: reason ?? '', DeadLetterErrorDescription: description ?? '' };
      return { kind: 'deadLetter', properties };
    }
    default:
      return undefined;
  }
}

function lost(what: 'message' | 'session'): Answer {
  return { status: 410, condition: `com.microsoft:${what}-lock-lost`, text: `The lock of the ${what} is lost.` };
}

function notImplemented(what: string): Answer {
  return { status: 501, condition: 'amqp:not-implemented', text: `The stand-in does not know ${what}.` };
}
