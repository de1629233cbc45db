import { describe, expect, it } from 'vitest';
import { ClickKey } from '../../../web/src/api/click-key.ts';

describe('A11 the Idempotency-Key of a click', () => {
  it('is the same for the same request, as long as no answer came', () => {
    const key = new ClickKey();
    const first = key.of({ command: 'undo' });
    expect(key.of({ command: 'undo' })).toBe(first);
  });

  it('is another one for another request', () => {
    const key = new ClickKey();
    expect(key.of({ command: 'undo' })).not.toBe(key.of({ command: 'rerun' }));
  });

  it('is another one after an answer, also without anything beside the click', () => {
    const key = new ClickKey();
    const first = key.of(undefined);
    expect(key.of(undefined)).toBe(first);
    key.answered();
    expect(key.of(undefined)).not.toBe(first);
  });
});
