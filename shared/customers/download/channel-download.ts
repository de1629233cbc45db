import { z } from 'zod';
import { FEATURE_KEYS } from '../configuration/feature.ts';
import { feedPlaceSchema } from './customer-feed.ts';

const featureSchema = z.strictObject({ enabled: z.boolean(), changedIn: z.number() });

/** Headquarters' set-up of a channel as it was when the download was planned. */
const configurationSchema = z.strictObject({
  featuresRevision: z.number(),
  features: z.record(z.enum(FEATURE_KEYS as [(typeof FEATURE_KEYS)[number], ...typeof FEATURE_KEYS]), featureSchema),
  channelVersion: z.number(),
  createCustomerInAsyncMode: z.boolean(),
  profileChangedIn: z.number(),
});

/** A channel's download on its way: what it covers, and how far it is. */
export const channelDownloadSchema = z.strictObject({
  job: z.enum(['1010', '1070', '1110']),
  channel: z.string(),
  sessionId: z.string(),
  configuration: configurationSchema,
  /** Minutes of the customers' feed; of 1010 alone. */
  fromMinute: z.string(),
  toMinute: z.string(),
  after: feedPlaceSchema.optional(),
  /** Rows downloaded so far. */
  rows: z.number(),
});
export type ChannelDownload = z.infer<typeof channelDownloadSchema>;
