import type { BatchPaceStore } from '../../shared/cascade/jobs/batch-pace-store.ts';
import type { JobStore } from '../../shared/cascade/jobs/job-store.ts';
import type { RootClaims } from '../../shared/cascade/jobs/root-claims.ts';
import type { CascadeRecords } from '../../shared/cascade/ports.ts';
import type { Access } from '../../shared/security/access.ts';
import type { SettingsStore } from '../../shared/settings/settings.ts';

/** What the activities of cascades work with. */
export interface CascadeServices {
  readonly jobs: JobStore;
  readonly rootClaims: RootClaims;
  readonly batchPaces: BatchPaceStore;
  /** Finds and changes the records. */
  readonly cascadeRecords: CascadeRecords;
  readonly access: Pick<Access, 'principalOfUser'>;
  readonly settings: Pick<SettingsStore, 'readSettings'>;
  /** How often storage was busy so far, as this process saw it. */
  readonly busyCount: () => number;
  /** Draws the id of a command that came as an event. */
  readonly newId: () => string;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
  readonly log: (message: string) => void;
}
