/**
 * What a channel knows of its own set-up. Headquarters decides (features, profile); the channel has copies that only
 * CDX jobs download: 1110 the features, 1070 the features and its profile, 1010 the customers whom they are about. Pure.
 */

import { z } from 'zod';
import { jsonColumn } from '../../storage/json-column.ts';
import type { Channel } from '../ports.ts';
import { FEATURE_KEYS, type FeatureSet, featureKeySchema } from './feature.ts';

/** Jobs that download to a channel what asynchronous mode needs, in the order in which people are told to run them. */
export const CONFIGURATION_JOBS = ['1110', '1010', '1070'] as const;
export type ConfigurationJobName = (typeof CONFIGURATION_JOBS)[number];

/** Headquarters' set-up of one channel at one moment, as a job takes it along. */
export const hqConfigurationSchema = z.strictObject({
  featuresRevision: z.number(),
  features: z.record(featureKeySchema, z.strictObject({ enabled: z.boolean(), changedIn: z.number() })),
  channelVersion: z.number(),
  createCustomerInAsyncMode: z.boolean(),
  /** The version of the channel in which its profile changed last. */
  profileChangedIn: z.number(),
});
export type HqConfiguration = Readonly<z.infer<typeof hqConfigurationSchema>>;

/** What a job downloaded when it ran for the channel last; `on` is ISO 8601 UTC. */
const downloadedCopySchema = z.strictObject({ on: z.string(), copy: hqConfigurationSchema });
export type DownloadedCopy = Readonly<z.infer<typeof downloadedCopySchema>>;

const configurationSchema = z.strictObject({
  /** Rises by one whenever a job downloads something new; 0 before anything was downloaded. */
  version: z.number(),
  jobs: z.partialRecord(z.enum(CONFIGURATION_JOBS), downloadedCopySchema),
});
/** The channel database's part about the channel itself. */
export type ChannelConfiguration = Readonly<z.infer<typeof configurationSchema>>;

/** How a row holds a channel's configuration. */
export const CONFIGURATION = jsonColumn('configuration', configurationSchema);

/** What a channel knows before the first job. */
export const NOTHING_DOWNLOADED: ChannelConfiguration = { version: 0, jobs: {} };

/** Headquarters' set-up of a channel. */
export function configurationOf({ revision, features }: FeatureSet, channel: Channel): HqConfiguration {
  const states = FEATURE_KEYS.map((key) => {
    const { enabled, changedIn } = features[key];
    return [key, { enabled, changedIn }] as const;
  });
  return {
    featuresRevision: revision,
    features: Object.fromEntries(states) as HqConfiguration['features'],
    channelVersion: channel.version,
    createCustomerInAsyncMode: channel.profile.createCustomerInAsyncMode,
    profileChangedIn: channel.profileChangedIn,
  };
}

/** The configuration after a job has downloaded a copy; one that is older than what is there changes nothing. */
export function noteDownload(
  configuration: ChannelConfiguration,
  job: ConfigurationJobName,
  downloaded: DownloadedCopy,
): ChannelConfiguration {
  const before = configuration.jobs[job]?.copy;
  const { copy } = downloaded;
  if (before && (copy.featuresRevision < before.featuresRevision || copy.channelVersion < before.channelVersion)) {
    return configuration;
  }
  const isNew = JSON.stringify(before) !== JSON.stringify(copy);
  return { version: configuration.version + Number(isNew), jobs: { ...configuration.jobs, [job]: downloaded } };
}
