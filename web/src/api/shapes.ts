/** Shapes of answers, taken from the schemas that the host checks them with. Types alone: nothing of it is in the page. */
import type { z } from 'zod';
import type { recordOutcomeSchema } from '../../../shared/cascade/chunks/change-log.ts';
import type { jobBodySchema } from '../../../shared/cascade/jobs/job-body.ts';
import type { explainedAccessSchema } from '../../../shared/records/shares/explain-access.ts';

export type Job = z.infer<typeof jobBodySchema>;
export type JobChange = z.infer<typeof recordOutcomeSchema>;
export type ExplainedAccess = z.infer<typeof explainedAccessSchema>;

/** A page of a list. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly continuationToken?: string;
}

/** A value of a record's column. */
export type Value = string | number | boolean | null;

/** A record: its columns stand beside these. */
export interface RecordBody {
  readonly id: string;
  readonly table: string;
  readonly ownerId: string;
  readonly state: 'Active' | 'Inactive' | 'Deleted';
  readonly version: number;
  readonly lookups: Readonly<Record<string, string | undefined>>;
  readonly [column: string]: unknown;
}
