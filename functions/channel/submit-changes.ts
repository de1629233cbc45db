import { z } from 'zod';
import { changeListSchema } from '../../shared/customers/channel/change-line.ts';
import { type ChangeLists, lineResultSchema } from '../../shared/customers/channel/change-list.ts';
import type { ChannelStore } from '../../shared/customers/channels/channels.ts';
import { requireChannel } from '../../shared/customers/channels/require-channel.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { CHANNEL_ROLES } from './change-endpoint.ts';

/**
 * POST /channels/{channel}/changes: up to 100 changes, each for itself; 207 with a result for each. There is no key for
 * the list: each line has its own, and a kept answer could hold lines that failed only for a moment.
 */
export function submitChanges(ports: {
  readonly channels: Pick<ChannelStore, 'find'>;
  readonly lists: ChangeLists;
}): Endpoint {
  const { channels, lists } = ports;
  return endpoint({
    name: 'submitChanges',
    summary: 'Submit up to 100 changes, each by itself.',
    method: 'POST',
    route: 'channels/{channel}/changes',
    roles: CHANNEL_ROLES,
    body: changeListSchema,
    answers: { 207: z.strictObject({ results: z.array(lineResultSchema) }) },
    problems: [],
    async handle({ params, body: { changes }, caller, log }) {
      const channel = await requireChannel(channels, params);
      const results = await lists.submit({ channel, lines: changes, by: caller.id, log });
      return { status: 207, body: { results } };
    },
  });
}
