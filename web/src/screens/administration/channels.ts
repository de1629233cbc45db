import { queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import type { channelSchema } from '../../../../shared/customers/channels/channels.ts';
import { call } from '../../api/call.ts';
import type { ListPage } from '../../api/shapes.ts';

export type Channel = z.infer<typeof channelSchema>;

export const CHANNELS_PATH = '/channels';

/** The most that a list gives at once; more channels than that are found by their address. */
const ALL = { pageSize: '500' };

/** All channels. */
export const channelsQuery = queryOptions({
  queryKey: [CHANNELS_PATH],
  queryFn: ({ signal }) => call<ListPage<Channel>>(CHANNELS_PATH, { query: ALL, signal }),
});
