/** Why a customer isn't visible in a channel as it should be, decided from what was gathered. Pure. */
import { z } from 'zod';
import type { HqOperation } from '../ports.ts';

/** Why a customer isn't visible; docs/api.md says what to do about each. */
const EXPLAIN_CODES = [
  'feature-not-downloaded',
  'csu-cache',
  'not-uploaded',
  'not-synced',
  'failed',
  'held-by',
  'discarded',
  'number-not-downloaded',
  'unknown',
] as const;
export type ExplainCode = (typeof EXPLAIN_CODES)[number];

/** Why a customer isn't visible in a channel, and what to do next. */
export interface Explanation {
  readonly code: ExplainCode;
  /** One plain sentence. */
  readonly sentence: string;
  readonly nextAction: string;
  /** Since when it is so, ISO 8601 UTC; null where nobody knows. */
  readonly since: string | null;
}

/** Schema of `Explanation`. */
export const explanationSchema = z.strictObject({
  code: z.enum(EXPLAIN_CODES),
  sentence: z.string(),
  nextAction: z.string(),
  since: z.iso.datetime().nullable().describe('Since when it is so; null where nobody knows.'),
});

/** What is known of a customer on its way between a channel and headquarters. */
export interface ExplainFacts {
  readonly channel: string;
  /** As it was asked for. */
  readonly customer: string;
  /** Its operations at headquarters, of all channels, in the order of their upload. */
  readonly uploaded: readonly Pick<
    HqOperation,
    | 'id'
    | 'key'
    | 'operation'
    | 'status'
    | 'lastError'
    | 'createdOn'
    | 'appliedOn'
    | 'discardedBy'
    | 'discardedOn'
    | 'discardReason'
  >[];
  /** The oldest operation that waits in a channel for its upload. */
  readonly staged: { readonly channel: string; readonly createdOn: string } | undefined;
  /** Suspended sessions: the one, of any channel, that stops all uploads, and that of the channel's downloads by 1010. */
  readonly suspended?: { readonly upload?: string | undefined; readonly download?: string | undefined };
  /** Jobs that the channel lacks since its features or its profile changed. */
  readonly missingJobs: readonly string[];
  /** The live account at headquarters. */
  readonly account: { readonly accountNumber: string | undefined; readonly createdOn: string } | undefined;
  /** When the account was deleted, if it was. */
  readonly deletedOn?: string | undefined;
  /** The channel's downloaded copy. */
  readonly copy: { readonly accountNumber: string | null; readonly takenOn: string } | undefined;
  /** As of when the Commerce Scale Unit serves what it has cached; undefined: nothing is cached. */
  readonly cachedOn: string | undefined;
}

const SYNC_JOB = 'Run the batch job "Synchronize customers and channel requests".';

/** What is furthest back on the customer's way is the reason: its operations first, then the channel's set-up and its copy. */
export function explain(facts: ExplainFacts): Explanation {
  return explainOperations(facts) ?? explainChannel(facts);
}

function explainOperations(facts: ExplainFacts): Explanation | undefined {
  const { channel, customer, uploaded, staged, suspended } = facts;
  const own = uploaded.filter(({ key }) => key.channel === channel);
  const failed = uploaded.find(({ status }) => status === 'Failed');
  const held = own.find(({ status }) => status === 'Held');
  if (failed && held && failed.key.channel !== channel) {
    return {
      code: 'held-by',
      sentence: `Customer ${customer}: operation ${held.id} is held back by operation ${failed.id}, which has failed.`,
      nextAction: mend(failed.id),
      since: held.createdOn,
    };
  }
  if (failed) {
    return {
      code: 'failed',
      sentence: `Customer ${customer}: operation ${failed.id} has failed: ${failed.lastError ?? 'no reason is known'}`,
      nextAction: mend(failed.id),
      since: failed.createdOn,
    };
  }
  const waiting = uploaded.find(({ status }) => status === 'Uploaded' || status === 'Held');
  if (waiting) {
    return {
      code: 'not-synced',
      sentence: `Customer ${customer}: operation ${waiting.id} is uploaded, and headquarters has not applied it yet.`,
      nextAction: SYNC_JOB,
      since: waiting.createdOn,
    };
  }
  if (!staged) return undefined;
  return {
    code: 'not-uploaded',
    sentence: `Customer ${customer} has changes in channel ${staged.channel} that are not uploaded to headquarters yet${stoppedBy(suspended?.upload)}.`,
    nextAction: `${unlessSuspended(suspended?.upload, 'Run job P-0001')}, then ${SYNC_JOB.charAt(0).toLowerCase()}${SYNC_JOB.slice(1)}`,
    since: staged.createdOn,
  };
}

function stoppedBy(sessionId: string | undefined): string {
  return sessionId === undefined ? '' : `, as session ${sessionId} is suspended`;
}

/** A run does nothing as long as a session is suspended. */
function unlessSuspended(sessionId: string | undefined, run: string): string {
  if (sessionId === undefined) return run;
  const retry = `POST /api/cdx-jobs/sessions/${encodeURIComponent(sessionId)}/retry`;
  return `Remove the cause that the session names, retry it (${retry}), then ${run.charAt(0).toLowerCase()}${run.slice(1)}`;
}

function mend(id: string): string {
  return `Mend operation ${id} on the page "Customer synchronization status" (PATCH /api/customer-sync/operations/${id}), then synchronize it.`;
}

/** The creation that somebody discarded, where no other has made the customer for this channel. */
function discardedCreation({ uploaded, channel, account }: ExplainFacts) {
  return uploaded.find(
    ({ operation, status, key }) =>
      operation === 'createCustomer' && status === 'Discarded' && (!account || key.channel === channel),
  );
}

function explainChannel(facts: ExplainFacts): Explanation {
  const { channel, customer, missingJobs, account, copy, cachedOn, deletedOn } = facts;
  const download = facts.suspended?.download;
  if (deletedOn !== undefined) {
    return {
      code: 'unknown',
      sentence: `Customer ${customer} was deleted at headquarters.`,
      nextAction: 'Restore its account, or undo the job that deleted it, if that was a mistake.',
      since: deletedOn,
    };
  }
  const discarded = discardedCreation(facts);
  if (discarded) {
    const { id, discardedBy, discardedOn, discardReason } = discarded;
    return {
      code: 'discarded',
      sentence: `Customer ${customer}: its creation ${id} was discarded by ${discardedBy}: ${discardReason}`,
      nextAction: `If it is to be applied after all, reinstate it (POST /api/customer-sync/operations/${id}/reinstate), then synchronize it; else have the channel make the customer anew.`,
      since: discardedOn,
    };
  }
  if (!account) {
    return {
      code: 'unknown',
      sentence: `Neither headquarters nor any channel knows a customer ${customer}.`,
      nextAction: 'Check the number or the GUID; a customer that was made offline comes with its channel.',
      since: null,
    };
  }
  if (missingJobs.length > 0) {
    const jobs = missingJobs.join(', ');
    return {
      code: 'feature-not-downloaded',
      sentence: `Channel ${channel} doesn't know its present features and profile, as these jobs have not run for it since they changed: ${jobs}.`,
      nextAction: `Run ${jobs} for channel ${channel}.`,
      since: null,
    };
  }
  if (!copy || (copy.accountNumber === null && account.accountNumber !== undefined)) {
    return {
      code: 'number-not-downloaded',
      sentence: `Customer ${customer} is at headquarters${account.accountNumber === undefined ? '' : ` with number ${account.accountNumber}`}, which channel ${channel} has not downloaded yet${stoppedBy(download)}.`,
      nextAction: `${unlessSuspended(download, `Run job 1010 for channel ${channel}`)}.`,
      since: facts.uploaded.at(-1)?.appliedOn ?? account.createdOn,
    };
  }
  if (cachedOn !== undefined && cachedOn < copy.takenOn) {
    return {
      code: 'csu-cache',
      sentence: `Customer ${customer} was downloaded on ${copy.takenOn}, and channel ${channel} still serves what its Commerce Scale Unit cached on ${cachedOn}.`,
      nextAction: `Wait until the cache is as old as the setting cacheMaxAgeSeconds says, or refresh it: POST /api/channels/${channel}/cache/refresh.`,
      since: cachedOn,
    };
  }
  return {
    code: 'unknown',
    sentence: `Nothing that is known keeps customer ${customer} from being visible in channel ${channel}.`,
    nextAction: 'Look it up by its number or GUID in that channel.',
    since: null,
  };
}
