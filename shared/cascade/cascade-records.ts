import type { RequestCounter } from '../http/request-counter.ts';
import { TombstoneIndex } from '../records/tombstones.ts';
import type { Storage } from '../storage/storage.ts';
import type { AnnounceServices } from './actions/action-rule.ts';
import { applyBatch, noteApplied } from './apply/apply-batch.ts';
import { readChanges } from './chunks/change-log.ts';
import { CHUNKS_TABLE } from './chunks/chunk-rows.ts';
import { retryFailed, skipFailed } from './chunks/failed-chunks.ts';
import { LaneChunks } from './chunks/lane-chunks.ts';
import { createFairGate, inSlotOf } from './fair-gate.ts';
import { identify } from './identify/identify.ts';
import { identifyUndo, surveyUndo } from './identify/identify-undo.ts';
import { DEFAULT_LIMIT, survey } from './identify/survey.ts';
import type { PluginServices } from './plugins/change-with-plugins.ts';
import type { CascadeRecords } from './ports.ts';

/** What the record side works with. */
export interface CascadeRecordsOptions extends AnnounceServices {
  readonly storage: Storage;
  /** What plug-ins need; without it none runs. */
  readonly plugins?: PluginServices;
  /** Transactions that all jobs of this process together have under way; default 8. */
  readonly parallelTransactions?: number;
  /** Requests that jobs of this process make way for. */
  readonly requests?: RequestCounter;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** The record side of cascades over table storage. Between calls it remembers nothing; its gate only says who goes first. */
export function createCascadeRecords(options: CascadeRecordsOptions): CascadeRecords {
  const { storage, recordStore, parallelTransactions = 8, now = Date.now } = options;
  const chunks = storage.table(CHUNKS_TABLE);
  const lanes = new LaneChunks(chunks, now);
  const tombstones = new TombstoneIndex(storage);
  const gate = createFairGate({ limit: parallelTransactions, requests: options.requests });
  const plugins = options.plugins ? { plugins: options.plugins } : {};
  const services = { storage, recordStore, ...plugins, chunks, lanes, tombstones, gate, now };
  return {
    identify: (plan, cursor) =>
      plan.action === 'undo'
        ? identifyUndo(services, plan, cursor)
        : identify({ ...services, inSlot: inSlotOf(gate, plan.jobId) }, plan, cursor),
    applyBatch: (...batch) => applyBatch(services, ...batch),
    noteApplied: (plan, lane) => noteApplied(services, plan, lane),
    survey: (plan, limit = DEFAULT_LIMIT) =>
      plan.action === 'undo' ? surveyUndo(services, plan, limit) : survey(services, plan, limit),
    retryFailed: (plan, recordIds) => retryFailed(services, plan, recordIds),
    skipFailed: (plan, recordIds) => skipFailed(services, plan, recordIds),
    progress: (plan) => lanes.progress(plan),
    changes: (plan, query) => readChanges({ recordStore, lanes }, plan, query),
  };
}
