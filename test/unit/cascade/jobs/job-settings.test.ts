import { describe, expect, it } from 'vitest';
import { brokenRules, defaultSettings, settingsSchema } from '../../../../shared/settings/settings.ts';

const defaults = defaultSettings({ timersEnabled: true, disabledPlugins: [] });

describe('C4, C11, C22 the settings of cascades', () => {
  it('by default: asynchronous, 4 lanes, 5 attempts from 1 s doubling to 30 s, nothing paused', () => {
    expect(defaults).toMatchObject({
      asyncCascades: true,
      lanes: 4,
      retry: { maxAttempts: 5, firstDelaySeconds: 1, maxDelaySeconds: 30 },
      pauseAllJobs: false,
      batchTargetSeconds: 1,
    });
  });

  it('C5 by default a cascade becomes asynchronous from 1,000 records on, a delete from 10,000 on', () => {
    expect(defaults.thresholds).toEqual({
      assign: 1000,
      delete: 10_000,
      merge: 1000,
      share: 1000,
      unshare: 1000,
      reparent: 1000,
    });
  });

  it('E7 by default tombstones are kept for 30 days, requests and jobs for 90', () => {
    expect(defaults.retentionDays).toMatchObject({ tombstones: 30, idempotencyKeys: 90, jobs: 90 });
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
    { batchTargetSeconds: 0 },
    { thresholds: { ...defaults.thresholds, assign: 0 } },
    { thresholds: { ...defaults.thresholds, undo: 1 } },
    { transactionDeadlineSeconds: 201 },
    { cacheMaxAgeSeconds: -1 },
    { retentionDays: { ...defaults.retentionDays, tombstones: 0.5 } },
  ])('refuse %j', (change) => {
    expect(settingsSchema.safeParse({ ...defaults, ...change }).success).toBe(false);
  });
});
