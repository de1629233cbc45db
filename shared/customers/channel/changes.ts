/**
 * The way of a channel's change: accepted by what the channel itself knows → staged → put beside the channel's copy of the
 * customer; or, when the mode is real-time, sent to headquarters at once and its result downloaded. Invariants:
 *
 *  CHANGE-1  Nothing is noted or staged before the change was accepted; from the note on no attempt refuses it any more,
 *      as an earlier one may have staged it. The note keeps which customer it was accepted for. It also keeps which way
 *      the change took, headquarters at once or staging; no attempt takes the other one.
 *  CHANGE-2  What became of it is told last, so what was told is staged and shows in the channel's view.
 */
import { z } from 'zod';
import type { ClaimHandle } from '../../http/endpoint.ts';
import { Problem } from '../../problem.ts';
import { CONFIGURATION_JOBS } from '../configuration/channel-configuration.ts';
import type { ChannelModes } from '../configuration/channel-modes.ts';
import type { ServedConfiguration } from '../configuration/csu-cache.ts';
import type { Mode } from '../configuration/mode.ts';
import type { StagedOperation } from '../customer-operation.ts';
import type { Channel } from '../ports.ts';
import type { RealTime } from '../real-time/real-time.ts';
import type { NewOperation } from '../staging/stage-request.ts';
import type { Staging } from '../staging/staging.ts';
import { acceptChange, type ChangeTarget, clientIds } from './accept-change.ts';
import type { CustomerChange } from './change.ts';
import type { Reservation } from './customer-identity.ts';
import type { CustomerViews } from './customer-views.ts';
import type { ChannelCustomers } from './customers.ts';
import { operationsOf } from './operations-of-change.ts';

/** One attempt of a request. */
export interface ChangeRequest {
  readonly channel: Channel;
  readonly change: CustomerChange;
  /** The caller, for the record. */
  readonly by: string;
  readonly reservation: Reservation;
  /** Absent when the request has no Idempotency-Key: then each attempt is a request of its own. */
  readonly claim: ClaimHandle | undefined;
  /** Version of the customer's view that the caller has seen. */
  readonly ifMatch?: number | undefined;
}

/** What became of a change that was taken. */
export interface TakenChange {
  readonly channel: string;
  /** Its operations; the first is the one that the caller follows. */
  readonly operations: readonly StagedOperation[];
  /** Version of the configuration by which its mode was decided. */
  readonly configurationVersion: number;
  readonly outcome: StagedOutcome | AppliedOutcome;
}

/** The operations wait for their way to headquarters. `reason`: why, though the mode is real-time. */
interface StagedOutcome {
  readonly mode: 'Async';
  readonly reason?: string;
}

/** Headquarters has applied the operations. */
type AppliedOutcome = Mode & {
  readonly mode: 'RealTime';
  /** Whether the change has made a customer or an address. */
  readonly isMade: boolean;
  readonly accountNumber: string;
};

/** Takes channels' changes. */
export interface ChannelChanges {
  /** Throws Problem not-found, conflict, stale-version, too-large; request-in-flight, storage-unavailable. */
  submit(request: ChangeRequest): Promise<TakenChange>;
}

const noted = { customerId: z.string(), replaces: z.boolean().default(false) };
const noteSchema = z.union([
  z.object({ segment: z.number(), ...noted }),
  z.object({ isRealTime: z.literal(true), ...noted }),
]);
type Note = z.infer<typeof noteSchema>;

/** Creates what takes channels' changes. */
export function createChannelChanges(ports: {
  readonly staging: Staging;
  readonly customers: ChannelCustomers;
  readonly views: CustomerViews;
  readonly modes: ChannelModes;
  readonly realTime: Pick<RealTime, 'send'>;
  /** Downloads a customer to a channel at once. */
  readonly downloadAtOnce: (channel: string, customers: readonly string[]) => Promise<void>;
}): ChannelChanges {
  const { staging, customers, views, modes, realTime, downloadAtOnce } = ports;

  /** Stages the operations. `reason`: why, though the mode is real-time. */
  async function stage(request: ChangeRequest, accepted: Accepted, reason?: string): Promise<TakenChange> {
    const { channel, reservation, claim } = request;
    const { customerId, replaces, operations, note, served } = accepted;
    const staged = await staging.stage({
      channel: channel.id,
      requestId: reservation.requestId,
      notedSegment: note && 'segment' in note ? note.segment : undefined,
      noteSegment: async (segment) => claim?.writeNote(JSON.stringify({ segment, customerId, replaces })),
      operations,
    });
    await remember(request, customerId, staged);
    return taken(channel, staged, served, { mode: 'Async', ...(reason !== undefined && { reason }) });
  }

  /** Shows the operations in the channel's own view. */
  async function remember(
    { channel, change }: ChangeRequest,
    customerId: string,
    operations: readonly StagedOperation[],
  ): Promise<void> {
    await customers.addOperations(channel.id, operations);
    await customers.addressIds.note(channel.id, clientIds(change), customerId);
  }

  /** Why the operations can't be sent now; undefined when nothing speaks against it. */
  async function obstacle({ channel, change }: ChangeRequest, customerId: string): Promise<string | undefined> {
    if (!(await modes.isHqReachable())) return "Headquarters can't be reached.";
    if (change.operation === 'createCustomer') return undefined;
    const view = await views.find(channel, customerId);
    if (!view || view.syncStatus === 'Synchronized') return undefined;
    return 'The customer has operations of this channel that are not applied yet, and this one comes after them.';
  }

  /** Sends the operations to headquarters at once; stages them when that can't be done now. */
  async function send(
    request: ChangeRequest,
    accepted: Accepted,
    mode: Mode & { mode: 'RealTime' },
  ): Promise<TakenChange> {
    const { channel, change, reservation, claim } = request;
    const { customerId, replaces, operations, note, served } = accepted;
    const isNoted = note !== undefined;
    const inTheWay = await obstacle(request, customerId);
    if (inTheWay !== undefined && !isNoted) return stage(request, accepted, `Staged instead: ${inTheWay}`);
    if (inTheWay !== undefined && !(await modes.isHqReachable())) throw unreachable();
    const outcome = await realTime.send({
      channel: channel.id,
      requestId: reservation.requestId,
      operations,
      isNoted,
      note: async () => claim?.writeNote(JSON.stringify({ isRealTime: true, customerId, replaces })),
    });
    if (outcome.kind === 'not sent') return stage(request, accepted, `Staged instead: ${outcome.reason}`);
    if (outcome.kind === 'waiting') {
      await remember(request, customerId, outcome.operations);
      return taken(channel, outcome.operations, served, { mode: 'Async', reason: outcome.reason });
    }
    await downloadAtOnce(channel.id, [customerId]);
    await customers.addressIds.note(channel.id, clientIds(change), customerId);
    const isMade = change.operation === 'createCustomer' || change.operation === 'createAddress';
    const { accountNumber } = outcome;
    return taken(channel, outcome.operations, served, { accountNumber, isMade, ...mode });
  }

  return {
    async submit(request) {
      const { channel, change, by, reservation, claim } = request;
      const note = claim?.note === undefined ? undefined : noteSchema.parse(JSON.parse(claim.note));
      const { customerId, replaces } =
        note ?? (await acceptChange(ports, { ...request, customerId: reservation.customerId }));
      const operations = operationsOf(change, { customerId, reservation, by, replaces });
      const served = await modes.serve(channel.id);
      const accepted = { customerId, replaces, operations, note, served };
      if (note && 'segment' in note) return stage(request, accepted);
      const mode = await modes.modeOf(channel, operations, served);
      if (mode.mode === 'RealTime') return send(request, accepted, mode);
      return note ? send(request, accepted, SENT_BEFORE) : stage(request, accepted);
    },
  };
}

/** A request as it was accepted. */
interface Accepted extends ChangeTarget {
  readonly operations: readonly NewOperation[];
  readonly note: Note | undefined;
  readonly served: ServedConfiguration;
}

const SENT_BEFORE = {
  mode: 'RealTime',
  reason: 'An earlier attempt of this request was sent to headquarters at once.',
  missingJobs: [],
} as const;

function unreachable(): Problem {
  const detail =
    "Headquarters can't be reached, and may have the request from an earlier attempt. Repeat it under the same key.";
  return new Problem('storage-unavailable', detail, { retryAfterSeconds: 5 });
}

/** Schema of the answer to a change. */
export const changeAnswerSchema = z.strictObject({
  operationId: z.string(),
  customerId: z.guid(),
  configurationVersion: z
    .number()
    .int()
    .describe("Version of the channel's configuration that the mode was decided by."),
  mode: z.enum(['Async', 'RealTime']).describe('Whether the change was staged, or sent to headquarters at once.'),
  reason: z.string().optional().describe('Why it went this way.'),
  missingJobs: z.array(z.enum(CONFIGURATION_JOBS)).optional(),
  accountNumber: z.string().optional(),
  addressId: z.guid().optional(),
  contactId: z.guid().optional(),
  operationIds: z.array(z.string()).optional().describe('With several operations: all of them.'),
  addressIds: z.array(z.guid()).optional(),
  contactIds: z.array(z.guid()).optional(),
});

function taken(
  channel: Channel,
  operations: readonly StagedOperation[],
  { version }: ServedConfiguration,
  outcome: TakenChange['outcome'],
): TakenChange {
  return { channel: channel.id, operations, configurationVersion: version, outcome };
}
