import type { Storage } from '../../storage/storage.ts';
import type { Row, Table } from '../../storage/table.ts';
import { updateRow } from '../../storage/update-row.ts';
import {
  type ChannelConfiguration,
  CONFIGURATION,
  type ConfigurationJobName,
  type DownloadedCopy,
  NOTHING_DOWNLOADED,
  noteDownload,
} from './channel-configuration.ts';

/**
 * The channels' copies of their set-up. Table `channelconfigurations`, PartitionKey = the channel, RowKey
 * `configuration`: JSON in as many properties as needed. This is a storage format (docs/adr/0002). Only CDX jobs write it.
 */
export class ChannelConfigurations {
  readonly #table: Table;

  constructor(storage: Storage) {
    this.#table = storage.table('channelconfigurations');
  }

  async read(channel: string): Promise<ChannelConfiguration> {
    const { partitionKey, rowKey } = keyOf(channel);
    return configurationIn(await this.#table.get<Row>(partitionKey, rowKey));
  }

  /** Stores what a job downloaded. */
  async noteDownload(channel: string, job: ConfigurationJobName, downloaded: DownloadedCopy): Promise<void> {
    const key = keyOf(channel);
    await updateRow<Row>(this.#table, key, (stored) => ({
      ...key,
      ...CONFIGURATION.write(noteDownload(configurationIn(stored), job, downloaded)),
    }));
  }
}

function keyOf(channel: string): { partitionKey: string; rowKey: string } {
  return { partitionKey: channel, rowKey: 'configuration' };
}

function configurationIn(row: Row | undefined): ChannelConfiguration {
  return (row && CONFIGURATION.read(row)) ?? NOTHING_DOWNLOADED;
}
