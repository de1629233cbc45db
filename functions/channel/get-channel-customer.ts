import { customerViewSchema } from '../../shared/customers/channel/channel-view.ts';
import { type CustomerViews, revisionOf } from '../../shared/customers/channel/customer-views.ts';
import type { ChannelCustomers } from '../../shared/customers/channel/customers.ts';
import type { ChannelStore } from '../../shared/customers/channels/channels.ts';
import { requireChannel } from '../../shared/customers/channels/require-channel.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { Problem } from '../../shared/problem.ts';
import { CHANNEL_ROLES } from './change-endpoint.ts';

/** GET /channels/{channel}/customers/{id}: a customer as the channel sees it, its own pending changes included. */
export function getChannelCustomer(ports: {
  readonly channels: Pick<ChannelStore, 'find'>;
  readonly customers: Pick<ChannelCustomers, 'resolve'>;
  readonly views: CustomerViews;
}): Endpoint {
  const { channels, customers, views } = ports;
  return endpoint({
    name: 'getChannelCustomer',
    summary: 'Read a customer as the channel sees it.',
    method: 'GET',
    route: 'channels/{channel}/customers/{id}',
    roles: CHANNEL_ROLES,
    answers: { 200: customerViewSchema },
    problems: [],
    async handle({ params }) {
      const channel = await requireChannel(channels, params);
      const reference = params.id ?? '';
      const id = await customers.resolve(channel.id, reference);
      const view = id === undefined ? undefined : await views.find(channel, id, reference);
      if (!view) {
        throw new Problem('channel-customer-unknown', { channel: channel.id, customer: reference });
      }
      return { status: 200, body: view, headers: etagHeader(revisionOf(view)) };
    },
  });
}
