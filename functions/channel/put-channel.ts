import { z } from 'zod';
import { type ChannelStore, channelSchema } from '../../shared/customers/channels/channels.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { Problem } from '../../shared/problem.ts';
import { pathId } from '../../shared/security/ids.ts';

const bodySchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  kind: z.enum(['POS', 'ECommerce']),
  profile: z.strictObject({ createCustomerInAsyncMode: z.boolean() }),
  defaultCustomer: z.string().trim().min(1).max(200).nullish(),
});

/** PUT /channels/{channel}: makes (201) or replaces (200) a channel. 422 for a default customer that isn't there. */
export function putChannel(ports: {
  readonly channels: Pick<ChannelStore, 'putChannel'>;
  /** Id of the live account that a GUID or account number stands for. */
  readonly findAccountId: (reference: string) => Promise<string | undefined>;
}): Endpoint {
  const { channels, findAccountId } = ports;
  return endpoint({
    name: 'putChannel',
    summary: 'Make or replace a channel.',
    method: 'PUT',
    route: 'channels/{channel}',
    roles: ['Administrator'],
    body: bodySchema,
    answers: { 200: channelSchema, 201: channelSchema },
    problems: ['rule-broken'],
    ifMatch: 'heeded',
    idempotent: true,
    async handle({ params, body: { defaultCustomer, ...rest }, caller, ifMatch }) {
      const id = pathId(params, 'channel');
      const accountId = defaultCustomer ? await findAccountId(defaultCustomer) : undefined;
      if (defaultCustomer && accountId === undefined) {
        throw new Problem('default-customer-unknown', { customer: defaultCustomer });
      }
      const wanted = { id, ...rest, ...(accountId !== undefined && { defaultCustomer: accountId }) };
      const { channel, created } = await channels.putChannel({ channel: wanted, by: caller.id, ifMatch });
      return {
        status: created ? 201 : 200,
        body: channel,
        headers: { ...etagHeader(channel.version), ...(created && { Location: `/api/channels/${id}` }) },
      };
    },
  });
}
