import { describe, expect, it } from 'vitest';
import { brokenRules, defaultSettings, settingsSchema } from '../../../shared/settings/settings.ts';

const defaults = defaultSettings({ timersEnabled: true, disabledPlugins: [] });

describe('the settings', () => {
  it('by default keep every rule of theirs', () => {
    expect(settingsSchema.parse(defaults)).toEqual(defaults);
    expect(brokenRules(defaults)).toEqual([]);
  });

  it('have timers on or off at first as the configuration says', () => {
    expect(defaults.timersEnabled).toBe(true);
    expect(defaultSettings({ timersEnabled: false, disabledPlugins: [] }).timersEnabled).toBe(false);
  });

  it('run P-0001 every minute, the sync job and 1010 every five', () => {
    expect(defaults.schedules).toEqual({
      pJob: '0 */1 * * * *',
      customerSync: '0 */5 * * * *',
      cdx1010: '0 */5 * * * *',
    });
  });

  it('tell every rule that is broken, and where', () => {
    const schedules = { ...defaults.schedules, pJob: '* * * * * *', cdx1010: 'soon' };
    expect(brokenRules({ ...defaults, schedules })).toEqual([
      { at: 'schedules.pJob', problem: expect.stringContaining('finer than a minute') },
      { at: 'schedules.cdx1010', problem: expect.stringContaining('six fields') },
    ]);
  });
});
