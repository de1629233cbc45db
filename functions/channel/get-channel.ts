import { type ChannelStore, channelSchema } from '../../shared/customers/channels/channels.ts';
import { requireChannel } from '../../shared/customers/channels/require-channel.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';

/** GET /channels/{channel}: one channel with its profile. */
export function getChannel({ channels }: { readonly channels: Pick<ChannelStore, 'find'> }): Endpoint {
  return endpoint({
    name: 'getChannel',
    summary: 'Read a channel with its profile.',
    method: 'GET',
    route: 'channels/{channel}',
    roles: ['Administrator'],
    answers: { 200: channelSchema },
    problems: [],
    async handle({ params }) {
      const channel = await requireChannel(channels, params);
      return { status: 200, body: channel, headers: etagHeader(channel.version) };
    },
  });
}
