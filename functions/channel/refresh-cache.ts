import { z } from 'zod';
import type { ChannelStore } from '../../shared/customers/channels/channels.ts';
import { requireChannel } from '../../shared/customers/channels/require-channel.ts';
import type { ChannelModes } from '../../shared/customers/configuration/channel-modes.ts';
import type { CsuCache } from '../../shared/customers/configuration/csu-cache.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';

const refreshedSchema = z.strictObject({
  channel: z.string(),
  configurationVersion: z.number().int(),
  cachedOn: z.iso.datetime().nullable().describe('Null: nothing is cached.'),
});

/** POST /channels/{channel}/cache/refresh: drops what the Commerce Scale Unit has cached of the channel. */
export function refreshCache(ports: {
  readonly channels: Pick<ChannelStore, 'find'>;
  readonly cache: Pick<CsuCache, 'drop'>;
  readonly modes: Pick<ChannelModes, 'serve'>;
}): Endpoint {
  const { channels, cache, modes } = ports;
  return endpoint({
    name: 'refreshCache',
    summary: 'Drop what the Commerce Scale Unit has cached of the channel.',
    method: 'POST',
    route: 'channels/{channel}/cache/refresh',
    roles: ['Administrator'],
    answers: { 200: refreshedSchema },
    problems: [],
    idempotent: true,
    async handle({ params }) {
      const { id } = await requireChannel(channels, params);
      await cache.drop(id);
      const { version, asOf = null } = await modes.serve(id);
      return { status: 200, body: { channel: id, configurationVersion: version, cachedOn: asOf } };
    },
  });
}
