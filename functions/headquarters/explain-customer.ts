import { z } from 'zod';
import { explanationSchema } from '../../shared/customers/pipeline/explain.ts';
import type { Pipeline } from '../../shared/customers/pipeline/pipeline.ts';
import type { Channels } from '../../shared/customers/ports.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { Problem } from '../../shared/problem.ts';
import { idSchema } from '../../shared/security/ids.ts';

/** GET /customer-sync/explain: in one sentence why a customer (GUID or number) isn't visible in a channel, and what to do. */
export function explainCustomer(ports: { readonly channels: Channels; readonly pipeline: Pipeline }): Endpoint {
  return endpoint({
    name: 'explainCustomer',
    summary: 'Explain why a customer is not visible in a channel, and what helps.',
    method: 'GET',
    route: 'customer-sync/explain',
    roles: ['Administrator'],
    answers: { 200: explanationSchema },
    problems: ['not-found'],
    query: z.strictObject({ channel: idSchema, customer: z.string().trim().min(1).max(400) }),
    async handle({ query: { channel, customer } }) {
      const known = await ports.channels.find(channel);
      if (!known) throw new Problem('channel-unknown', { channel });
      return { status: 200, body: await ports.pipeline.explain(known, customer) };
    },
  });
}
