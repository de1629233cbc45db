import type { CascadeAction } from '../../shared/cascade/jobs/action-needs.ts';
import type { JobPorts } from '../../shared/cascade/jobs/start-job.ts';
import type { CascadeRecords, SyncCascades } from '../../shared/cascade/ports.ts';
import type { TableName } from '../../shared/catalogue/tables.ts';
import type { RecordStore } from '../../shared/records/record-store.ts';
import type { BehaviorReader } from '../../shared/records/relationships/relationship-store.ts';
import type { RecordAccess } from '../../shared/records/shares/record-access.ts';
import type { Access } from '../../shared/security/access.ts';
import type { SettingsStore } from '../../shared/settings/settings.ts';

/** What the endpoints that start cascades work with. */
export interface CascadePorts extends JobPorts {
  readonly recordStore: RecordStore;
  readonly access: Access;
  readonly recordAccess: Pick<RecordAccess, 'requireOn'>;
  readonly relationships: BehaviorReader;
  /** Looks at what a plan would touch, and counts what a job has done. */
  readonly cascadeRecords: Pick<CascadeRecords, 'survey' | 'progress' | 'noteApplied'>;
  readonly sync: SyncCascades;
  /** Tables that have a plug-in for an action. */
  readonly tablesWithPlugins: (action: CascadeAction) => Promise<ReadonlySet<TableName>>;
  readonly settings: Pick<SettingsStore, 'readSettings'>;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}
