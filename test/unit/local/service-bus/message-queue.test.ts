import { describe, expect, it } from 'vitest';
import { MessageQueue, type QueueOptions, type Settled } from '../../../../local/service-bus/message-queue.ts';

const OPTIONS: QueueOptions = { requiresSession: false, lockMs: 1000, maxDeliveryCount: 3, maxMessages: 0 };

function queueOf(options: Partial<QueueOptions>, sessions: readonly (string | undefined)[]): MessageQueue {
  const queue = new MessageQueue({ ...OPTIONS, ...options });
  sessions.forEach((sessionId, at) => {
    const message = { sequence: at + 1, messageId: `m${at}`, sessionId, enqueuedMs: 0, deliveryCount: 0, body: '' };
    queue.apply({ kind: 'put', message });
  });
  return queue;
}

const apply = (queue: MessageQueue, settled: Settled | undefined) => {
  for (const change of settled?.changes ?? []) queue.apply(change);
  return settled;
};

describe('E6 a queue of the stand-in', () => {
  it('locks each message for one holder, in order', () => {
    const queue = queueOf({}, [undefined, undefined]);
    expect([1, 2, 3].map(() => queue.lockNext(0)?.message.sequence)).toEqual([1, 2, undefined]);
  });

  it('counts each delivery that ends without completion, and dead-letters at the last', () => {
    const queue = queueOf({}, [undefined]);
    const outcomes = [1, 2, 3].map(() => {
      const locked = queue.lockNext(0);
      return locked && apply(queue, queue.settle(locked.token, { kind: 'abandon' }));
    });
    expect(outcomes.map((settled) => settled?.dead?.message.deliveryCount)).toEqual([undefined, undefined, 3]);
    expect(outcomes[2]?.dead?.properties.DeadLetterReason).toBe('MaxDeliveryCountExceeded');
    expect(queue.peek(0, 10)).toEqual([]);
  });

  it('takes a lock back when it runs out, not before, and knows the old token no more', () => {
    const queue = queueOf({}, [undefined]);
    const locked = queue.lockNext(0);
    if (!locked) throw new Error('nothing to lock');
    expect(queue.renew(locked.token, 500)).toBe(1500);
    expect(queue.expire(1499).settled).toEqual([]);
    for (const settled of queue.expire(1500).settled) apply(queue, settled);
    expect(queue.settle(locked.token, { kind: 'complete' })).toBeUndefined();
    expect(queue.lockNext(1500)?.message.deliveryCount).toBe(1);
  });

  it('gives a session to one holder, and its messages to nobody else', () => {
    const queue = queueOf({ requiresSession: true }, ['a', 'b', 'a']);
    expect(queue.acceptSession(undefined, 1, 0)).toEqual({ id: 'a', untilMs: 1000 });
    expect(queue.acceptSession('a', 2, 0)).toBe('locked');
    expect(queue.acceptSession(undefined, 2, 0)).toMatchObject({ id: 'b' });
    expect(queue.acceptSession(undefined, 3, 0)).toBe('none');
    expect(queue.lockNext(0, { id: 'a', holder: 2 })).toBeUndefined();
    expect(queue.lockNext(0)).toBeUndefined();
    expect(queue.lockNext(0, { id: 'a', holder: 1 })?.message.sequence).toBe(1);
    expect(queue.lockNext(0, { id: 'a', holder: 1 })?.message.sequence).toBe(3);
  });

  it('frees a session that runs out with what was delivered in it, in its order', () => {
    const queue = queueOf({ requiresSession: true }, ['a', 'a']);
    queue.acceptSession('a', 1, 0);
    queue.lockNext(0, { id: 'a', holder: 1 });
    const { settled, lostSessions } = queue.expire(1000);
    expect(lostSessions).toEqual([1]);
    for (const each of settled) apply(queue, each);
    queue.acceptSession('a', 2, 1000);
    const again = [1, 2].map(() => queue.lockNext(1000, { id: 'a', holder: 2 })?.message);
    expect(again.map((message) => [message?.sequence, message?.deliveryCount])).toEqual([
      [1, 1],
      [2, 0],
    ]);
  });

  it('is the same again from its snapshot', () => {
    const queue = queueOf({ requiresSession: true }, ['a', 'b']);
    queue.apply({ kind: 'state', sessionId: 'a', state: 'eA==' });
    queue.apply({ kind: 'counted', sequence: 2 });
    const copy = new MessageQueue({ ...OPTIONS, requiresSession: true });
    for (const change of queue.snapshot()) copy.apply(change);
    expect(copy.peek(0, 10)).toEqual(queue.peek(0, 10));
    expect(copy.sessionState('a')).toBe('eA==');
  });

  it('lets its oldest messages go where it keeps only so many', () => {
    const queue = queueOf({ maxMessages: 2 }, [undefined, undefined, undefined]);
    expect(queue.peek(0, 10).map(({ sequence }) => sequence)).toEqual([2, 3]);
  });
});
