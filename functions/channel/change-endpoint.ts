import { type CustomerChange, claimOf } from '../../shared/customers/channel/change.ts';
import { type ChannelChanges, changeAnswerSchema } from '../../shared/customers/channel/changes.ts';
import type { Reservation } from '../../shared/customers/channel/customer-identity.ts';
import type { ChannelStore } from '../../shared/customers/channels/channels.ts';
import { requireChannel } from '../../shared/customers/channels/require-channel.ts';
import { type Endpoint, type EndpointSpec, endpoint } from '../../shared/http/endpoint.ts';
import { pathId } from '../../shared/security/ids.ts';
import { changeAnswer } from './change-answer.ts';

/** What the endpoints that change a customer work with. */
export interface ChangePorts {
  readonly channels: Pick<ChannelStore, 'find'>;
  readonly changes: ChannelChanges;
  readonly reserve: () => Reservation;
}

/** Who may call a channel's endpoints: the channel itself (the dispatcher compares the claim) and administrators. */
export const CHANNEL_ROLES = ['Channel', 'Administrator'] as const;

/** How an endpoint reads the change that it is asked for. */
interface ChangeSpec<Body>
  extends Pick<EndpointSpec<Body, undefined, Reservation>, 'name' | 'summary' | 'method' | 'route' | 'body'> {
  /** May refuse by throwing a Problem. Called anew in each attempt, so it is pure. */
  readonly changeOf: (request: { params: Readonly<Record<string, string>>; body: Body }) => CustomerChange;
}

/**
 * An endpoint that changes a customer: 202 once the change is staged. Its Idempotency-Key belongs to the channel, also when
 * an administrator calls, and is the same key as that of a line in a list of changes.
 */
export function changeEndpoint<Body = undefined>(
  { channels, changes, reserve }: ChangePorts,
  { changeOf, ...spec }: ChangeSpec<Body>,
): Endpoint {
  return endpoint<Body, undefined, Reservation>({
    ...spec,
    roles: CHANNEL_ROLES,
    answers: { 200: changeAnswerSchema, 201: changeAnswerSchema, 202: changeAnswerSchema },
    problems: ['conflict', 'rule-broken'],
    ifMatch: 'heeded',
    idempotent: true,
    claimAs: (request) => claimOf(pathId(request.params, 'channel'), changeOf(request)),
    reserve,
    async handle({ params, body, caller, reserved, claim, ifMatch }) {
      const channel = await requireChannel(channels, params);
      const change = changeOf({ params, body });
      return changeAnswer(
        await changes.submit({ channel, change, by: caller.id, reservation: reserved, claim, ifMatch }),
      );
    },
  });
}
