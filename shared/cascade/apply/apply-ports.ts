/** What the steps of applying a batch share. */

import type { RecordStore } from '../../records/record-store.ts';
import type { Storage } from '../../storage/storage.ts';
import type { AnnounceServices, RuleContext } from '../actions/action-rule.ts';
import type { PartCounts } from '../chunks/marker-rows.ts';
import type { FairGate } from '../fair-gate.ts';
import type { CascadePlan } from '../plans.ts';
import type { ActivePlugins } from '../plugins/active-plugins.ts';
import type { PluginServices } from '../plugins/change-with-plugins.ts';
import type { BatchOutcome, CheckPrivileges } from '../ports.ts';
import type { Inheriting } from './inherit-shares.ts';

/** What applying a chunk works with. */
export interface ApplyServices extends AnnounceServices {
  readonly storage: Storage;
  readonly recordStore: RecordStore;
  /** What all jobs of this process send their transactions through. */
  readonly gate: FairGate;
  /** What plug-ins need; without it none runs. */
  readonly plugins?: PluginServices;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The batch that the chunk is part of. */
export interface BatchContext {
  readonly plan: CascadePlan;
  readonly check: CheckPrivileges;
  /** Tables for which the privileges were checked for own records only. */
  readonly ownTables: ReadonlySet<string>;
  /** The plug-ins of the action that run now. */
  readonly active: ActivePlugins;
  /** Records that are to stay, since something under them does. */
  readonly stillParents: ReadonlySet<string>;
  /** What the records of the group at hand inherit. */
  readonly inheriting: Inheriting;
  /** What the rule knows beyond the records of the part at hand. */
  readonly context?: RuleContext | undefined;
}

/** Why a chunk, and with it the batch, couldn't be applied. */
export type Stop =
  | Extract<BatchOutcome, { kind: 'security' | 'broken' }>
  | { readonly kind: 'transient'; readonly text: string };
/** What became of a chunk. */
export type ChunkOutcome = ({ readonly kind: 'applied' } & PartCounts) | Stop;
