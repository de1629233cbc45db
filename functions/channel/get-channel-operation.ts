import { operationViewSchema } from '../../shared/customers/channel/operation-body.ts';
import type { ChannelOperations } from '../../shared/customers/channel/operations.ts';
import type { ChannelStore } from '../../shared/customers/channels/channels.ts';
import { requireChannel } from '../../shared/customers/channels/require-channel.ts';
import { parseOperationId } from '../../shared/customers/customer-operation.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { Problem } from '../../shared/problem.ts';
import { CHANNEL_ROLES } from './change-endpoint.ts';

/** GET /channels/{channel}/operations/{operationId}: one operation of the channel, from its staging on. */
export function getChannelOperation(ports: {
  readonly channels: Pick<ChannelStore, 'find'>;
  readonly operations: ChannelOperations;
}): Endpoint {
  const { channels, operations } = ports;
  return endpoint({
    name: 'getChannelOperation',
    summary: 'Read how far an operation of the channel is.',
    method: 'GET',
    route: 'channels/{channel}/operations/{operationId}',
    roles: CHANNEL_ROLES,
    answers: { 200: operationViewSchema },
    problems: [],
    async handle({ params }) {
      const channel = await requireChannel(channels, params);
      const id = params.operationId ?? '';
      const key = parseOperationId(id);
      const found = key?.channel === channel.id ? await operations.find(key) : undefined;
      if (!found) throw new Problem('channel-operation-unknown', { channel: channel.id, id });
      return { status: 200, body: found.body, headers: etagHeader(found.version) };
    },
  });
}
