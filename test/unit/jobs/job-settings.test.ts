import { describe, expect, it } from 'vitest';
import { brokenRules, defaultSettings, settingsSchema } from '../../../shared/settings/settings.ts';

const defaults = defaultSettings({ timersEnabled: true });

describe('C4, C11, C22 the settings of cascades', () => {
  it('by default: asynchronous, 4 lanes, 5 attempts from 1 s doubling to 30 s, nothing paused', () => {
    expect(defaults).toMatchObject({
      asyncCascades: true,
      lanes: 4,
      retry: { maxAttempts: 5, firstDelaySeconds: 1, maxDelaySeconds: 30 },
      pauseAllJobs: false,
    });
  });

  it('refuse a longest wait that is shorter than the first', () => {
    const retry = { ...defaults.retry, firstDelaySeconds: 31 };
    expect(brokenRules({ ...defaults, retry })).toMatchObject([{ at: 'retry.maxDelaySeconds' }]);
    expect(brokenRules({ ...defaults, retry: { ...retry, maxDelaySeconds: 31 } })).toEqual([]);
  });

  it.each([
    { lanes: 0 },
    { lanes: 17 },
    { lanes: 1.5 },
    { retry: { ...defaults.retry, maxAttempts: 0 } },
    { retry: { ...defaults.retry, firstDelaySeconds: -1 } },
    { pauseAllJobs: 'yes' },
  ])('refuse %j', (change) => {
    expect(settingsSchema.safeParse({ ...defaults, ...change }).success).toBe(false);
  });
});
