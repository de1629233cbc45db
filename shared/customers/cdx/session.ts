/**
 * A session: what one run of a CDX job has to do for one channel. Pure. It is tried three times, then Suspended until an
 * administrator retries or cancels it; as long as it isn't over, no later session of the job and channel begins.
 */
import { z } from 'zod';
import { Problem } from '../../problem.ts';
import { CDX_JOB_NAMES, type CdxJobName } from '../../runs/run.ts';

const SESSION_STATUSES = ['Available', 'Applied', 'Failed', 'Suspended', 'Canceled'] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];
/** A status as a query names it. */
export const sessionStatusSchema = z.enum(SESSION_STATUSES);

/** Failed: it will be tried again, by the run at hand or the next one. */
export interface CdxSession {
  readonly id: string;
  readonly job: CdxJobName;
  readonly channel: string;
  readonly status: SessionStatus;
  readonly tries: number;
  readonly rows: number;
  /** What went wrong last; empty for nothing. */
  readonly error: string;
  /** ISO 8601 UTC, as is `modifiedOn`. */
  readonly createdOn: string;
  readonly modifiedOn: string;
  /** Who retried or canceled it last, or the job. */
  readonly modifiedBy: string;
}

const MAX_TRIES = 3;
const MAX_ERROR_LENGTH = 2_000;

/** What happens to a session. */
export type SessionEvent =
  | { readonly kind: 'applied'; readonly rows: number }
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'retry' | 'cancel'; readonly by: string };

/** Whether a session is over, so that the next one may begin. */
export function isOver({ status }: Pick<CdxSession, 'status'>): boolean {
  return status === 'Applied' || status === 'Canceled';
}

/** The session after something happened to it at `on`. Throws Problem conflict for a command that its status doesn't allow. */
export function afterEvent(session: CdxSession, event: SessionEvent, on: string): CdxSession {
  const changed = { ...session, modifiedOn: on };
  switch (event.kind) {
    case 'applied':
      return isOver(session) ? session : { ...changed, status: 'Applied', rows: event.rows, tries: session.tries + 1 };
    case 'failed': {
      if (isOver(session) || session.status === 'Suspended') return session;
      const tries = session.tries + 1;
      const status = tries >= MAX_TRIES ? 'Suspended' : 'Failed';
      return { ...changed, status, tries, error: event.error.slice(0, MAX_ERROR_LENGTH), modifiedBy: 'job' };
    }
    case 'retry':
      refuseUnless(session, event.kind, ['Suspended', 'Failed']);
      return { ...changed, status: 'Available', tries: 0, modifiedBy: event.by };
    case 'cancel':
      refuseUnless(session, event.kind, ['Suspended', 'Failed', 'Available']);
      return { ...changed, status: 'Canceled', modifiedBy: event.by };
  }
}

function refuseUnless({ id, status }: CdxSession, command: string, from: readonly SessionStatus[]): void {
  if (from.includes(status)) return;
  const legal = isOver({ status }) ? [] : ['cancel'];
  throw new Problem('conflict', `Session ${id} is ${status}; ${command} is for sessions that are ${from.join(', ')}.`, {
    extra: { sessionStatus: status, legalCommands: legal },
  });
}

/** Schema of a session's JSON. */
export const sessionBodySchema = z.strictObject({
  id: z.string(),
  job: z.enum(CDX_JOB_NAMES),
  channel: z.string(),
  status: sessionStatusSchema,
  tries: z.number().int(),
  rows: z.number().int(),
  error: z.string().optional().describe('What went wrong last.'),
  createdOn: z.iso.datetime(),
  modifiedOn: z.iso.datetime(),
  modifiedBy: z.string(),
});

/** A session as callers see it. */
export function toSessionBody({ error, ...session }: CdxSession): Record<string, unknown> {
  return { ...session, ...(error !== '' && { error }) };
}

const UUID_LENGTH = 36;

/** The id of a session, which names its job and channel. */
export function sessionId(job: CdxJobName, channel: string, uuid: string): string {
  return `${job}.${channel}.${uuid}`;
}

/** Where the session with this id is; undefined when the text is no session's id. */
export function parseSessionId(id: string): Pick<CdxSession, 'job' | 'channel'> | undefined {
  const job = CDX_JOB_NAMES.find((name) => id.startsWith(`${name}.`));
  const channel = id.slice((job?.length ?? 0) + 1, -UUID_LENGTH - 1);
  return job && /^[A-Za-z0-9._-]{1,64}$/.test(channel) ? { job, channel } : undefined;
}
