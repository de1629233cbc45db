/** What to do about a job that somebody wants to run, decided from what is stored; nothing is read or written here. */
import type { RunInput } from './run.ts';

/** What the durable engine knows of a run: it has never heard of it, works on it, or has ended it in whatever way. */
export type InstanceState = 'none' | 'alive' | 'ended';

/** The row that says which run a job is at. */
export interface Claim {
  readonly runId: string;
  /** Rises with each request that joins the run; the run ends only when it has seen the last one. */
  readonly requests: number;
  readonly input: RunInput;
  readonly claimedOn: string;
  /** How the run has ended, once it has; the claim is on its way out. */
  readonly closing: string;
  readonly etag: string;
}

/** What a caller wants while a run is there: be part of it, be refused, or nothing. */
export type WhenRunning = 'join' | 'refuse' | 'leave';

/** What becomes of a request for a run. */
export type RequestDecision =
  /** The run has ended, and its last writes are to be done first. */
  | 'close'
  /** The run's instance is gone or has failed without saying so. */
  | 'fail'
  /** The run was claimed and never started: start it. */
  | 'start'
  /** The run is there; be part of it. */
  | 'join'
  | 'running';

/** A claim this young may belong to somebody who is about to start the run. */
export const START_GRACE_MS = 10_000;

/** Decides on a request that finds a claim. `instance` is that of the claim's run. Pure. */
export function decideRequest(
  claim: Claim,
  instance: InstanceState,
  whenRunning: WhenRunning,
  nowMs: number,
): RequestDecision {
  if (claim.closing !== '') return 'close';
  if (instance === 'ended') return 'fail';
  if (whenRunning === 'join') return 'join';
  const ageMs = nowMs - Date.parse(claim.claimedOn);
  if (instance === 'none' && Math.abs(ageMs) > START_GRACE_MS) return 'start';
  return 'running';
}

/** The input of a run after another request has joined it: all that either wanted. */
export function joinedInput(one: RunInput, other: RunInput): RunInput {
  if (!one.channels || !other.channels) return {};
  return { channels: [...new Set([...one.channels, ...other.channels])] };
}
