import { describe, expect, it } from 'vitest';
import { decideSignal } from '../../../local/signals.ts';

describe('a signal to stop', () => {
  it('stops the host the first time, says nothing as an echo through npm, and quits at once later', () => {
    expect(decideSignal(undefined, 5)).toBe('stop');
    expect(decideSignal(5, 7)).toBe('ignore');
    expect(decideSignal(5, 1004)).toBe('ignore');
    expect(decideSignal(5, 1005)).toBe('quit');
  });
});
