import { z } from 'zod';
import { type ChannelStore, channelSchema, type StoredChannel } from '../../shared/customers/channels/channels.ts';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery, type Page } from '../../shared/http/lists.ts';

/** The last channel of the page before. */
const placeSchema = z.strictObject({ createdOn: z.string(), id: z.string() });

/** GET /channels: all channels, newest first. */
export function listChannels({ channels }: { readonly channels: Pick<ChannelStore, 'list'> }): Endpoint {
  return endpoint({
    name: 'listChannels',
    summary: 'List the channels.',
    method: 'GET',
    route: 'channels',
    roles: ['Administrator'],
    query: z.strictObject(listQuery),
    answers: { 200: pageOf(channelSchema) },
    problems: [],
    async handle({ query: { pageSize, continuationToken } }) {
      const place = continuationToken === undefined ? undefined : decodeContinuation(continuationToken, placeSchema);
      const all = await channels.list();
      const rest = place ? all.filter((channel) => comesAfter(channel, place)) : all;
      const items = rest.slice(0, pageSize);
      const last = items.at(-1);
      const page: Page<StoredChannel> = {
        items,
        ...(last &&
          rest.length > items.length && {
            continuationToken: encodeContinuation({ createdOn: last.createdOn, id: last.id }),
          }),
      };
      return { status: 200, body: page };
    },
  });
}

function comesAfter(channel: StoredChannel, place: z.infer<typeof placeSchema>): boolean {
  return channel.createdOn === place.createdOn ? channel.id > place.id : channel.createdOn < place.createdOn;
}
