import type { Settings } from '../../settings/settings.ts';
import type { Channel } from '../ports.ts';
import { configurationOf } from './channel-configuration.ts';
import type { ChannelConfigurations } from './channel-configurations.ts';
import type { CsuCache, ServedConfiguration } from './csu-cache.ts';
import type { FeatureStore } from './features.ts';
import { type AskedOperation, decideMode, isAsynchronous, type Mode } from './mode.ts';

/** In which mode channels work. */
export interface ChannelModes {
  /** What a channel serves now, with the version that answers carry. */
  serve(channel: string): Promise<ServedConfiguration>;
  /** The mode of a request's operations, with the reason when they go to headquarters at once. */
  modeOf(channel: Channel, operations: readonly AskedOperation[], served: ServedConfiguration): Promise<Mode>;
  /** Whether a channel can reach headquarters. */
  isHqReachable(): Promise<boolean>;
}

/** Creates what decides the mode of a channel's operations. */
export function createChannelModes(ports: {
  readonly cache: CsuCache;
  readonly configurations: ChannelConfigurations;
  readonly features: Pick<FeatureStore, 'readFeatures'>;
  readonly readSettings: () => Promise<Pick<Settings, 'hqReachable'>>;
  /** The time, in milliseconds since 1970. */
  readonly now: () => number;
}): ChannelModes {
  const { cache, configurations, features, readSettings, now } = ports;
  return {
    serve: (channel) => cache.serve(channel),

    async modeOf(channel, operations, served) {
      if (isAsynchronous(operations, served)) return { mode: 'Async' };
      const [set, database] = await Promise.all([features.readFeatures(), configurations.read(channel.id)]);
      const hq = configurationOf(set, channel);
      return decideMode(operations, { channel: channel.id, served, database, hq, nowMs: now() });
    },

    async isHqReachable() {
      return (await readSettings()).hqReachable;
    },
  };
}
