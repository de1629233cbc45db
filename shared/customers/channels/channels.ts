import { z } from 'zod';
import { checkIfMatch } from '../../storage/preconditions.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row } from '../../storage/table.ts';
import { updateRow } from '../../storage/update-row.ts';
import type { Channel, Channels } from '../ports.ts';

/** A channel with who changed it when. */
export interface StoredChannel extends Channel {
  /** ISO 8601 UTC, as is `modifiedOn`. */
  readonly createdOn: string;
  readonly modifiedOn: string;
  readonly modifiedBy: string;
}

/** What a channel is to be. */
export interface ChannelChange {
  readonly channel: Omit<Channel, 'version' | 'profileChangedIn'>;
  readonly by: string;
  readonly ifMatch: number | undefined;
}

/** The stored channels. */
export interface ChannelStore extends Channels {
  /** Newest first. Channels are counted in hundreds, so the list is read and sorted as a whole. */
  list(): Promise<StoredChannel[]>;
  find(id: string): Promise<StoredChannel | undefined>;
  /** Makes or replaces a channel. Throws Problem stale-version. */
  putChannel(change: ChannelChange): Promise<{ readonly channel: StoredChannel; readonly created: boolean }>;
}

const PARTITION = 'channels';

interface ChannelRow extends Row {
  name: string;
  kind: string;
  createCustomerInAsyncMode: boolean;
  /** Empty for none. */
  defaultCustomer: string;
  version: number;
  profileChangedIn: number;
  createdOn: string;
  modifiedOn: string;
  modifiedBy: string;
}

/** Opens the channels in table `channels`: one row each. */
export function openChannels(storage: Storage, now: () => number = Date.now): ChannelStore {
  const table = storage.table('channels');
  return {
    async find(id) {
      const row = await table.get<ChannelRow>(PARTITION, id);
      return row && toChannel(row);
    },

    async list() {
      const channels: StoredChannel[] = [];
      for await (const row of table.rows<ChannelRow>({ partitionKey: PARTITION })) channels.push(toChannel(row));
      return channels.sort(newestFirst);
    },

    async putChannel({ channel, by, ifMatch }) {
      const { id, name, kind, profile, defaultCustomer } = channel;
      const { row, before } = await updateRow<ChannelRow>(table, { partitionKey: PARTITION, rowKey: id }, (stored) => {
        checkIfMatch({ ifMatch, version: stored?.version, required: false, what: `channel ${id}` });
        const modifiedOn = new Date(now()).toISOString();
        const version = (stored?.version ?? 0) + 1;
        const { createCustomerInAsyncMode } = profile;
        const isSameProfile = stored?.createCustomerInAsyncMode === createCustomerInAsyncMode;
        return {
          partitionKey: PARTITION,
          rowKey: id,
          name,
          kind,
          createCustomerInAsyncMode,
          defaultCustomer: defaultCustomer ?? '',
          version,
          profileChangedIn: isSameProfile ? stored.profileChangedIn : version,
          createdOn: stored?.createdOn ?? modifiedOn,
          modifiedOn,
          modifiedBy: by,
        };
      });
      return { channel: toChannel(row), created: before === undefined };
    },
  };
}

function toChannel(row: ChannelRow): StoredChannel {
  const { rowKey: id, name, kind, createCustomerInAsyncMode, defaultCustomer, ...rest } = row;
  const { version, profileChangedIn, createdOn, modifiedOn, modifiedBy } = rest;
  return {
    id,
    name,
    kind: kind === 'POS' ? 'POS' : 'ECommerce',
    profile: { createCustomerInAsyncMode },
    ...(defaultCustomer && { defaultCustomer }),
    version,
    profileChangedIn,
    createdOn,
    modifiedOn,
    modifiedBy,
  };
}

function newestFirst(a: StoredChannel, b: StoredChannel): number {
  if (a.createdOn !== b.createdOn) return a.createdOn < b.createdOn ? 1 : -1;
  return a.id < b.id ? -1 : 1;
}

/** Schema of a channel's JSON. */
export const channelSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['POS', 'ECommerce']),
  profile: z.strictObject({ createCustomerInAsyncMode: z.boolean() }),
  defaultCustomer: z.string().optional().describe('Id of an account.'),
  version: z.number().int(),
  profileChangedIn: z.number().int().describe('The version in which the profile changed last.'),
  createdOn: z.iso.datetime(),
  modifiedOn: z.iso.datetime(),
  modifiedBy: z.string(),
});
