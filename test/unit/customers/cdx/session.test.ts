import { describe, expect, it } from 'vitest';
import {
  afterEvent,
  type CdxSession,
  parseSessionId,
  type SessionEvent,
  type SessionStatus,
  sessionId,
} from '../../../../shared/customers/cdx/session.ts';

const ON = '2026-03-01T10:00:00.000Z';
const session = (status: SessionStatus, tries = 0): CdxSession => ({
  ...{ id: 's', job: '1010', channel: 'pos', status, tries, rows: 0, error: '' },
  ...{ createdOn: ON, modifiedOn: ON, modifiedBy: 'job' },
});
const failed = { kind: 'failed', error: 'no network' } as const;
const retry = { kind: 'retry', by: 'ann' } as const;
const cancel = { kind: 'cancel', by: 'ann' } as const;
const applied = { kind: 'applied', rows: 7 } as const;

describe('A5 a session of a CDX job', () => {
  it('is tried three times, then Suspended', () => {
    const tried = [1, 2, 3].reduce((so) => afterEvent(so, failed, ON), session('Available'));
    expect(tried).toMatchObject({ status: 'Suspended', tries: 3, error: 'no network' });
    expect(afterEvent(session('Available', 1), failed, ON).status).toBe('Failed');
    expect(afterEvent(tried, failed, ON)).toBe(tried);
  });

  it('has its tries again after an administrator’s retry, who is noted', () => {
    expect(afterEvent(session('Suspended', 3), retry, ON)).toMatchObject({
      ...{ status: 'Available', tries: 0, modifiedBy: 'ann' },
    });
  });

  it.each([
    ['Available', retry],
    ['Applied', retry],
    ['Applied', cancel],
    ['Canceled', retry],
    ['Canceled', cancel],
  ] as const)('that is %s refuses what is not for it', (status, event) => {
    expect(() => afterEvent(session(status), event, ON)).toThrow(`is ${status}`);
  });

  it.each([
    ['Available', cancel, 'Canceled'],
    ['Failed', cancel, 'Canceled'],
    ['Suspended', cancel, 'Canceled'],
    ['Failed', retry, 'Available'],
    ['Failed', applied, 'Applied'],
    ['Canceled', applied, 'Canceled'],
    ['Canceled', failed, 'Canceled'],
  ] as readonly [SessionStatus, SessionEvent, SessionStatus][])('goes from %s by %j to %s', (from, event, to) => {
    expect(afterEvent(session(from), event, ON).status).toBe(to);
  });

  it('is found by its id, whatever the channel is called', () => {
    const uuid = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
    for (const channel of ['pos', 'a.b', 'x-1.P-0001.y']) {
      expect(parseSessionId(sessionId('P-0001', channel, uuid))).toEqual({ job: 'P-0001', channel });
    }
    for (const id of ['', 'P-0001', 'P-0001.pos', `9999.pos.${uuid}`, `1010.a b.${uuid}`]) {
      expect(parseSessionId(id)).toBeUndefined();
    }
  });
});
