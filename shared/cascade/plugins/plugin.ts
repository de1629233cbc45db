/**
 * What a plug-in is. A plug-in is code of ours or of whoever runs Spillway, that takes part when an action changes a record
 * of its table: before or after the change, in the same transaction. Declared in plugins.ts, or in the module that
 * SPILLWAY_PLUGINS names; it runs in a worker thread and sees and changes records through its `work` alone.
 */
import type { ColumnValue } from '../../catalogue/columns.ts';
import type { TableName } from '../../catalogue/tables.ts';
import type { RecordState, RecordValue } from '../../records/record.ts';
import type { CascadeAction } from '../jobs/action-needs.ts';

/** When a plug-in runs: `before` the record is changed, or `after`, when it sees the record as it will be. */
export type PluginStep = 'before' | 'after';

/** The records that a plug-in is for: those that have all of these values. */
export interface RecordFilter {
  readonly state?: RecordState;
  readonly columns?: Readonly<Record<string, ColumnValue>>;
}

/** A plug-in as declared. */
export interface Plugin {
  /** Unique; letters, digits, dots, hyphens. Settings and messages name it. */
  readonly name: string;
  /** What it does, in a sentence, for administrators. */
  readonly description: string;
  readonly table: TableName;
  readonly action: CascadeAction;
  readonly step: PluginStep;
  /** Without one it runs for every record of its table. */
  readonly filter?: RecordFilter;
  /** Does the work. What it throws undoes this record's change, and that of no other. It may run more than once for one change. */
  run(call: PluginCall): Promise<void> | void;
}

/** The change that a plug-in takes part in. */
export interface PluginCall {
  readonly jobId: string;
  readonly action: CascadeAction;
  readonly step: PluginStep;
  /** The user that the job runs as. */
  readonly by: string;
  /** The record: as it is now, or, after the change, as it will be. */
  readonly record: RecordValue;
  /** The record before the change; absent where `record` is that. */
  readonly before?: RecordValue;
  /** The same in every try of this change: the key for effects outside, which may happen more than once. */
  readonly key: string;
  readonly work: PluginWork;
}

/** Records for a plug-in. What it writes is kept back, seen by its own later reads, and written in the record's transaction. */
export interface PluginWork {
  /** The live record; undefined when there is none. */
  get(table: TableName, id: string): Promise<RecordValue | undefined>;
  /** Makes a record; gives its id. */
  create(table: TableName, record: NewPluginRecord): Promise<string>;
  /** Gives a record other values. Owners and lookups are changed by actions. */
  update(
    table: TableName,
    id: string,
    change: { readonly columns?: Readonly<Record<string, ColumnValue>>; readonly state?: RecordState },
  ): Promise<void>;
  /** Assigns a record and what belongs to it, as a part of the same transaction. */
  assign(table: TableName, id: string, ownerId: string): Promise<void>;
  /**
   * Deletes a record and what belongs to it, as a part of the same transaction. Throws where related records forbid it, and
   * where the plug-in has itself made a record under it.
   */
  delete(table: TableName, id: string): Promise<void>;
}

/** A record that a plug-in makes. */
export interface NewPluginRecord {
  /** Default: the user that the job runs as. */
  readonly ownerId?: string;
  readonly columns: Readonly<Record<string, ColumnValue>>;
  readonly lookups?: Readonly<Record<string, string>>;
}

/** Names of what `PluginWork` does: what a worker may ask for. */
export const WORK_METHODS = ['get', 'create', 'update', 'assign', 'delete'] as const satisfies (keyof PluginWork)[];
export type WorkMethod = (typeof WORK_METHODS)[number];

/** Whether a plug-in is for a record. Pure. */
export function isFor({ filter }: Pick<Plugin, 'filter'>, record: Pick<RecordValue, 'state' | 'columns'>): boolean {
  if (!filter) return true;
  if (filter.state !== undefined && filter.state !== record.state) return false;
  return Object.entries(filter.columns ?? {}).every(([name, value]) => record.columns[name] === value);
}
