import { beforeEach, describe, expect, it } from 'vitest';
import { defaultSettings, openSettings, type SettingsStore } from '../../../shared/settings/settings.ts';
import { openTestStorage, uniquePrefix } from '../../support/test-storage.ts';

const defaults = defaultSettings({ timersEnabled: true, disabledPlugins: [] });
let prefix: string;
let settings: SettingsStore;
beforeEach(() => {
  prefix = uniquePrefix();
  settings = openSettings(openTestStorage({ prefix }), defaults);
});

const change = (patch: Record<string, unknown>, ifMatch: number | undefined = 0) =>
  settings.changeSettings({ patch, by: 'admin', ifMatch });
const changeUnseen = (patch: Record<string, unknown>) =>
  settings.changeSettings({ patch, by: 'admin', ifMatch: undefined });

describe('the stored settings', () => {
  it('are the defaults at version 0 until somebody changes one', async () => {
    expect(await settings.readSettings()).toEqual({ settings: defaults, version: 0 });
  });

  it('hold what was changed and the defaults for the rest, for every host', async () => {
    await change({ schedules: { pJob: '0 */10 * * * *' } });
    const otherHost = openSettings(
      openTestStorage({ prefix }),
      defaultSettings({ timersEnabled: false, disabledPlugins: [] }),
    );
    expect(await otherHost.readSettings()).toEqual({
      settings: { ...defaults, timersEnabled: false, schedules: { ...defaults.schedules, pJob: '0 */10 * * * *' } },
      version: 1,
    });
  });

  it('keep the switch of the timers whatever the configuration says later', async () => {
    await change({ timersEnabled: true });
    const laterStart = openSettings(
      openTestStorage({ prefix }),
      defaultSettings({ timersEnabled: false, disabledPlugins: [] }),
    );
    expect((await laterStart.readSettings()).settings.timersEnabled).toBe(true);
  });

  it('go back to the default by null, one or a whole group', async () => {
    await change({ timersEnabled: false, schedules: { pJob: '0 0 * * * *', cdx1010: '0 0 * * * *' } });
    const one = await change({ schedules: { pJob: null } }, 1);
    expect(one.settings.schedules).toEqual({ ...defaults.schedules, cdx1010: '0 0 * * * *' });
    expect(await change({ schedules: null, timersEnabled: null }, 2)).toEqual({ settings: defaults, version: 3 });
  });

  it('are changed only by who names their version, the first time too', async () => {
    await expect(changeUnseen({ timersEnabled: false })).rejects.toMatchObject({ status: 428 });
    await expect(change({ timersEnabled: false }, 1)).rejects.toMatchObject({ status: 412 });
    await change({ timersEnabled: false }, 0);
    await expect(changeUnseen({ timersEnabled: true })).rejects.toMatchObject({ status: 428 });
    await expect(change({ timersEnabled: true }, 0)).rejects.toMatchObject({ status: 412 });
    expect(await change({ timersEnabled: true }, 1)).toMatchObject({ version: 2 });
  });

  it('stay as they are when a rule is broken', async () => {
    const failure = change({ timersEnabled: false, schedules: { pJob: '* * * * * *' } });
    await expect(failure).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('finer than a minute'),
      extra: { errors: [{ at: 'schedules.pJob' }] },
    });
    expect(await settings.readSettings()).toEqual({ settings: defaults, version: 0 });
  });

  it('lose no change of two that are made at once', async () => {
    const both = await Promise.allSettled([
      change({ timersEnabled: false }, 0),
      change({ schedules: { pJob: '0 0 * * * *' } }, 0),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await settings.readSettings()).version).toBe(1);
  });
});
