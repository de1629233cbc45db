import { describe, expect, it } from 'vitest';
import { type Claim, decideRequest, joinedInput, START_GRACE_MS } from '../../../shared/runs/run-decisions.ts';

const NOW = Date.UTC(2026, 2, 2, 12);
const claim: Claim = {
  runId: 'run',
  requests: 1,
  input: {},
  claimedOn: new Date(NOW - 1_000).toISOString(),
  closing: '',
  etag: 'e',
};
const old = { ...claim, claimedOn: new Date(NOW - START_GRACE_MS - 1).toISOString() };

describe('A6 a request that finds a run', () => {
  it('joins it, is refused or leaves it while it lives', () => {
    expect(decideRequest(claim, 'alive', 'join', NOW)).toBe('join');
    expect(decideRequest(claim, 'alive', 'refuse', NOW)).toBe('running');
    expect(decideRequest(old, 'alive', 'leave', NOW)).toBe('running');
  });

  it('starts one that was claimed long ago and never started, and lets a fresh claim be started by its owner', () => {
    expect(decideRequest(old, 'none', 'refuse', NOW)).toBe('start');
    expect(decideRequest(old, 'none', 'leave', NOW)).toBe('start');
    expect(decideRequest(claim, 'none', 'refuse', NOW)).toBe('running');
    expect(decideRequest(claim, 'none', 'join', NOW)).toBe('join');
  });

  it('starts one whose claim lies in the future, as the clock was set back', () => {
    const future = { ...claim, claimedOn: new Date(NOW + START_GRACE_MS + 1).toISOString() };
    expect(decideRequest(future, 'none', 'refuse', NOW)).toBe('start');
  });

  it('closes one that has ended, with or without saying so, before all else', () => {
    expect(decideRequest({ ...claim, closing: '{}' }, 'alive', 'join', NOW)).toBe('close');
    expect(decideRequest(claim, 'ended', 'join', NOW)).toBe('fail');
  });
});

describe('A6 the input of a joined run', () => {
  it('covers what either wants', () => {
    expect(joinedInput({ channels: ['a', 'b'] }, { channels: ['b', 'c'] })).toEqual({ channels: ['a', 'b', 'c'] });
    expect(joinedInput({ channels: ['a'] }, {})).toEqual({});
    expect(joinedInput({}, { channels: ['a'] })).toEqual({});
  });
});
