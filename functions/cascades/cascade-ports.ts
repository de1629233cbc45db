import type { JobPorts } from '../../shared/jobs/start-job.ts';
import type { RecordStore } from '../../shared/records/record-store.ts';
import type { BehaviorReader } from '../../shared/relationships/relationship-store.ts';
import type { Access } from '../../shared/security/access.ts';
import type { SettingsStore } from '../../shared/settings/settings.ts';
import type { RecordAccess } from '../../shared/shares/record-access.ts';

/** What the endpoints that start cascades work with. */
export interface CascadePorts extends JobPorts {
  readonly records: RecordStore;
  readonly access: Access;
  readonly recordAccess: Pick<RecordAccess, 'requireOn'>;
  readonly relationships: BehaviorReader;
  readonly settings: Pick<SettingsStore, 'readSettings'>;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}
