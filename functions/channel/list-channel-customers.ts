import { z } from 'zod';
import { columnsOf } from '../../shared/catalogue/tables.ts';
import { type CustomerView, customerViewSchema, PENDING_NUMBER } from '../../shared/customers/channel/channel-view.ts';
import type { CustomerViews } from '../../shared/customers/channel/customer-views.ts';
import type { ChannelCustomers, ListNotes } from '../../shared/customers/channel/customers.ts';
import type { ChannelStore } from '../../shared/customers/channels/channels.ts';
import { requireChannel } from '../../shared/customers/channels/require-channel.ts';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import { matchesSearch, searchWords } from '../../shared/records/search-words.ts';
import { fillPage, isPlaceOf, placeSchema } from '../../shared/storage/newest-first.ts';
import { CHANNEL_ROLES } from './change-endpoint.ts';

const querySchema = z.strictObject({ ...listQuery, search: z.string().max(200).default('') });

/** GET /channels/{channel}/customers: the channel's customers, newest first, as the channel sees them. */
export function listChannelCustomers(ports: {
  readonly channels: Pick<ChannelStore, 'find'>;
  readonly customers: Pick<ChannelCustomers, 'entries'>;
  readonly views: CustomerViews;
}): Endpoint {
  const { channels, customers, views } = ports;
  return endpoint({
    name: 'listChannelCustomers',
    summary: 'List customers as the channel sees them.',
    method: 'GET',
    route: 'channels/{channel}/customers',
    roles: CHANNEL_ROLES,
    query: querySchema,
    answers: { 200: pageOf(customerViewSchema) },
    problems: [],
    async handle({ params, query: { search, pageSize, continuationToken } }) {
      const channel = await requireChannel(channels, params);
      const place = continuationToken === undefined ? undefined : decodeContinuation(continuationToken, placeSchema);
      const { items, after } = await fillPage<ListNotes, CustomerView>(
        customers.entries(channel.id, place),
        pageSize,
        ({ notes }) => matchesSearch(notes.words, search),
        async (entries) => {
          const ids = entries.map(({ id }) => id);
          const found = await views.findMany(channel, ids);
          return found.map((view, at) =>
            view && isPlaceOf(entries[at], view.createdOn) && matchesSearch(wordsOfView(view), search)
              ? view
              : undefined,
          );
        },
      );
      return { status: 200, body: { items, ...(after && { continuationToken: encodeContinuation(after) }) } };
    },
  });
}

/** The words that a view is found by; "Pending sync" is no number to search for. */
function wordsOfView(view: CustomerView): string {
  const names = Object.keys(columnsOf('account')).filter((name) => view[name] !== PENDING_NUMBER);
  const columns = names.flatMap((name) => (typeof view[name] === 'string' ? [[name, view[name]] as const] : []));
  return searchWords({ table: 'account', columns: Object.fromEntries(columns) });
}
