import { z } from 'zod';
import { overviewSchema, type Pipeline } from '../../shared/customers/pipeline/pipeline.ts';
import type { Channels } from '../../shared/customers/ports.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { Problem } from '../../shared/problem.ts';
import { idSchema } from '../../shared/security/ids.ts';

/** GET /customer-sync/pipeline: per channel, or for the one asked for, when its jobs ran last and what waits in between. */
export function getPipeline(ports: { readonly channels: Channels; readonly pipeline: Pipeline }): Endpoint {
  return endpoint({
    name: 'getPipeline',
    summary: 'Tell when the jobs of each channel ran last and what waits in between.',
    method: 'GET',
    route: 'customer-sync/pipeline',
    roles: ['Administrator'],
    answers: { 200: z.strictObject({ channels: z.array(overviewSchema) }) },
    problems: ['not-found'],
    query: z.strictObject({ channel: idSchema.optional() }),
    async handle({ query: { channel } }) {
      const all = await ports.channels.list();
      const wanted = channel === undefined ? all : all.filter(({ id }) => id === channel);
      if (channel !== undefined && wanted.length === 0) {
        throw new Problem('channel-unknown', { channel });
      }
      return { status: 200, body: { channels: await ports.pipeline.overview(wanted) } };
    },
  });
}
