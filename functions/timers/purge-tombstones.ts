import type { TimerHandler } from '@azure/functions';
import { type PurgePorts, purgeTombstones } from '../../shared/records/purge-tombstones.ts';
import { isOnSchedule } from '../../shared/runs/timer-decision.ts';
import type { SettingsStore } from '../../shared/settings/settings.ts';

/** A quarter past each hour; a day that is old enough is done by the first call or the next ones. */
export const PURGE_TOMBSTONES_SCHEDULE = '0 15 * * * *';

/** The timer `purgeTombstones`: removes deleted records for good after the days of the setting `retentionDays.tombstones`. */
export function createPurgeTombstones(
  ports: PurgePorts & { readonly settings: Pick<SettingsStore, 'readSettings'> },
): TimerHandler {
  return async (timer, context) => {
    const { timersEnabled, retentionDays } = (await ports.settings.readSettings()).settings;
    if (isOnSchedule(timer, ports.now()) && !timersEnabled) return;
    const { purged } = await purgeTombstones(ports, ports.now(), retentionDays.tombstones);
    if (purged > 0) context.log(`Tombstones: ${purged} purged.`);
  };
}
