import { z } from 'zod';
import { type TargetRules, webhookUrlProblem } from '../events/webhook-target.ts';
import { Problem } from '../problem.ts';
import { jsonColumn, unchecked } from '../storage/json-column.ts';
import { checkIfMatch } from '../storage/preconditions.ts';
import type { Storage } from '../storage/storage.ts';
import type { Row } from '../storage/table.ts';
import { updateRow } from '../storage/update-row.ts';
import { applyMergePatch, type JsonObject, mergePatchSchema, overlay } from './merge-patch.ts';
import { scheduleProblem } from './schedule.ts';

const thresholdSchema = z.number().int().min(1).max(10_000_000);
const daysSchema = z.number().int().min(1).max(3650);
const MIN_SECRET_LENGTH = 16;
/** The most lanes that a job can have; purging looks for the traces of so many. */
export const MAX_LANES = 16;

/**
 * Every run-time setting and the form of its value. A further one is a line here, a line in `defaultSettings`, and, where
 * its value has a rule beyond its form, a line in `brokenRules`.
 */
export const settingsSchema = z.strictObject({
  /** Whether timers run on their schedules; otherwise their work waits for a call on demand. */
  timersEnabled: z.boolean(),
  /** When each timer is due: six-field NCRONTAB in UTC, at most once a minute. */
  schedules: z.strictObject({
    /** Upload of the channels' operations (P-0001). */
    pJob: z.string(),
    /** Batch job "Synchronize customers and channel requests". */
    customerSync: z.string(),
    /** Download of customers and account numbers to the channels (1010). */
    cdx1010: z.string(),
  }),
  /** Whether cascades may run asynchronously. */
  asyncCascades: z.boolean(),
  /** How often and how soon a failing batch of a cascade is tried again, before its job is paused. */
  retry: z.strictObject({
    /** Attempts in all, the first included. */
    maxAttempts: z.number().int().min(1).max(100),
    /** The first wait; each further one is twice as long. */
    firstDelaySeconds: z.number().min(0).max(3600),
    /** The longest wait. */
    maxDelaySeconds: z.number().min(0).max(3600),
  }),
  /** Lanes of a cascade that work at the same time; holds for jobs that are made from then on. */
  lanes: z.number().int().min(1).max(MAX_LANES),
  /** How long a batch of a cascade is to take; jobs adapt the size of their batches to it. */
  batchTargetSeconds: z.number().min(0.1).max(60),
  /** Whether all jobs wait: none begins, and those that run stop at the edge of their batches. */
  pauseAllJobs: z.boolean(),
  /** Affected records, the root included, from which on a cascade runs asynchronously; by action. */
  thresholds: z.strictObject({
    assign: thresholdSchema,
    delete: thresholdSchema,
    merge: thresholdSchema,
    share: thresholdSchema,
    unshare: thresholdSchema,
    reparent: thresholdSchema,
  }),
  /** A synchronous cascade that takes longer is rolled back; less than the 230 s that a front end waits for an answer. */
  transactionDeadlineSeconds: z.number().min(1).max(200),
  /** Plug-ins that don't run, by name. */
  disabledPlugins: z.array(z.string().max(64)).max(200),
  /** A plug-in that takes longer is stopped, and its record fails. */
  pluginDeadlineSeconds: z.number().min(0.1).max(60),
  /** How old what a channel serves from its cache may get; 0: nothing is cached. */
  cacheMaxAgeSeconds: z.number().int().min(0).max(86_400),
  /** Whether channels reach headquarters; while they don't, Real-time Service calls are staged. */
  hqReachable: z.boolean(),
  /** What is older may be purged; by kind. */
  retentionDays: z.strictObject({
    /** Ended jobs with their change logs. */
    jobs: daysSchema,
    /** Customer operations that were applied, in the channels' stores and at headquarters. */
    stagingRows: daysSchema,
    idempotencyKeys: daysSchema,
    /** Events that nobody has taken. */
    outbox: daysSchema,
    /** Deleted records, which can be restored until then. */
    tombstones: daysSchema,
    /** Sessions of CDX jobs that are over. */
    cdxSessions: daysSchema,
    /** Ended runs of jobs, and bulk changes. */
    runs: daysSchema,
    /** When which customer changed; that it did is kept for channels to come. */
    customerFeed: daysSchema,
  }),
  /** How many requests each caller may send to a process. */
  rateLimit: z.strictObject({
    /** In the long run; 0: as many as it likes. */
    perSecond: z.number().int().min(0).max(100_000),
    /** At once, after a rest. */
    burst: z.number().int().min(1).max(1_000_000),
  }),
  /** Where events are posted to, beside the topic. */
  webhook: z.strictObject({
    /** https (or this machine); empty: nowhere. */
    url: z.string().max(2000),
    /** Signs each post (HMAC-SHA256). It is never answered back. */
    secret: z.string().max(500),
  }),
});
export type Settings = z.infer<typeof settingsSchema>;

/** The schema of changes to settings: a merge-patch, in which null means "as by default". */
export const settingsPatchSchema = mergePatchSchema(settingsSchema);

/** What of the defaults depends on how the host was started and on what the app declares. */
type Deployment = Pick<Settings, 'timersEnabled' | 'disabledPlugins'>;

/** What holds as long as nothing was stored. */
export function defaultSettings({ timersEnabled, disabledPlugins }: Deployment): Settings {
  return {
    timersEnabled,
    schedules: { pJob: '0 */1 * * * *', customerSync: '0 */5 * * * *', cdx1010: '0 */5 * * * *' },
    asyncCascades: true,
    retry: { maxAttempts: 5, firstDelaySeconds: 1, maxDelaySeconds: 30 },
    lanes: 4,
    batchTargetSeconds: 1,
    pauseAllJobs: false,
    thresholds: { assign: 1000, delete: 10_000, merge: 1000, share: 1000, unshare: 1000, reparent: 1000 },
    transactionDeadlineSeconds: 60,
    disabledPlugins,
    pluginDeadlineSeconds: 10,
    cacheMaxAgeSeconds: 0,
    hqReachable: true,
    retentionDays: {
      jobs: 90,
      stagingRows: 90,
      idempotencyKeys: 90,
      outbox: 30,
      tombstones: 30,
      cdxSessions: 90,
      runs: 90,
      customerFeed: 30,
    },
    rateLimit: { perSecond: 200, burst: 1000 },
    webhook: { url: '', secret: '' },
  };
}

/** Where the webhook may be unless the deployment says otherwise. */
const OUTSIDE_ALONE: TargetRules = { allowsLoopback: false };

/** Each rule that a setting's value breaks: where, and the rest of a sentence that says what. Pure. */
export function brokenRules(
  { schedules, retry, webhook }: Settings,
  targets: TargetRules = OUTSIDE_ALONE,
): { readonly at: string; readonly problem: string }[] {
  const broken = Object.entries(schedules).flatMap(([name, schedule]) => {
    const problem = scheduleProblem(schedule);
    return problem === undefined ? [] : [{ at: `schedules.${name}`, problem }];
  });
  if (retry.maxDelaySeconds < retry.firstDelaySeconds) {
    broken.push({ at: 'retry.maxDelaySeconds', problem: 'must not be less than retry.firstDelaySeconds' });
  }
  return [...broken, ...brokenWebhookRules(webhook, targets)];
}

function brokenWebhookRules(
  { url, secret }: Settings['webhook'],
  targets: TargetRules,
): { readonly at: string; readonly problem: string }[] {
  if (url === '') return [];
  const problem = webhookUrlProblem(url, targets);
  const broken = problem === undefined ? [] : [{ at: 'webhook.url', problem }];
  if (secret.length >= MIN_SECRET_LENGTH) return broken;
  return [...broken, { at: 'webhook.secret', problem: `must have ${MIN_SECRET_LENGTH} characters or more` }];
}

/** Settings as they are answered: of the webhook's secret only whether there is one. */
export function toSettingsBody({ webhook, ...settings }: Settings): Record<string, unknown> {
  return { ...settings, webhook: { url: webhook.url, hasSecret: webhook.secret !== '' } };
}

/** Schema of settings as they are answered. */
export const settingsBodySchema = settingsSchema.extend({
  webhook: z.strictObject({ url: z.string(), hasSecret: z.boolean() }),
});

/** Settings as read, with their version: 0 while nothing was ever stored. */
interface VersionedSettings {
  readonly settings: Settings;
  readonly version: number;
}

/** The stored settings. */
export interface SettingsStore {
  /** The settings that hold now, from storage. */
  readSettings(): Promise<VersionedSettings>;
  /**
   * Applies a merge-patch that `settingsPatchSchema` has passed. Throws Problem rule-broken that lists what is wrong,
   * stale-version, and version-required when settings are stored and no version is named.
   */
  changeSettings(change: {
    readonly patch: JsonObject;
    readonly by: string;
    readonly ifMatch: number | undefined;
  }): Promise<VersionedSettings>;
}

interface SettingsRow extends Row {
  version: number;
  modifiedBy: string;
  modifiedOn: string;
}

const KEY = { partitionKey: 'settings', rowKey: 'settings' } as const;
/** Only what `brokenRules` let pass was written. */
const VALUES = jsonColumn('values', unchecked<JsonObject>());

/** Opens the settings in table `settings`: one row, which holds only what differs from the defaults by somebody's wish. */
export function openSettings(
  storage: Storage,
  defaults: Settings,
  now: () => number = Date.now,
  targets: TargetRules = OUTSIDE_ALONE,
): SettingsStore {
  const table = storage.table('settings');
  const effective = (row: SettingsRow | undefined): VersionedSettings => ({
    settings: overlay(defaults, storedOf(row)),
    version: row?.version ?? 0,
  });
  return {
    async readSettings() {
      return effective(await table.get<SettingsRow>(KEY.partitionKey, KEY.rowKey));
    },
    async changeSettings({ patch, by, ifMatch }) {
      const { row } = await updateRow<SettingsRow>(table, KEY, (stored) => {
        // There are settings from the start: reading them gives the ETag "0" while none was ever stored.
        checkIfMatch({ ifMatch, version: stored?.version ?? 0, required: true, what: 'the settings' });
        const values = applyMergePatch(storedOf(stored), patch);
        refuseBroken(overlay(defaults, values), targets);
        return {
          ...KEY,
          ...VALUES.write(values),
          version: (stored?.version ?? 0) + 1,
          modifiedBy: by,
          modifiedOn: new Date(now()).toISOString(),
        };
      });
      return effective(row);
    },
  };
}

function storedOf(row: SettingsRow | undefined): JsonObject {
  return (row && VALUES.read(row)) ?? {};
}

function refuseBroken(settings: Settings, targets: TargetRules): void {
  const errors = brokenRules(settings, targets);
  if (errors.length === 0) return;
  const issues = errors.map(({ at, problem }) => ({ at, message: problem }));
  throw new Problem('rules-broken', { issues }, { extra: { errors } });
}
