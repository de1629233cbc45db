import { z } from 'zod';
import { hqConfigurationSchema } from '../configuration/channel-configuration.ts';
import { feedPlaceSchema } from './customer-feed.ts';

/** A channel's download on its way: what it covers, and how far it is. */
export const channelDownloadSchema = z.strictObject({
  job: z.enum(['1010', '1070', '1110']),
  channel: z.string(),
  sessionId: z.string(),
  /** Headquarters' set-up of the channel as it was when the download was planned. */
  configuration: hqConfigurationSchema,
  /** Minutes of the customers' feed; of 1010 alone. */
  fromMinute: z.string(),
  toMinute: z.string(),
  after: feedPlaceSchema.optional(),
  /** Rows downloaded so far. */
  rows: z.number(),
});
export type ChannelDownload = z.infer<typeof channelDownloadSchema>;
