/**
 * The Commerce Scale Unit's cache of a channel's data. Table `csucache`, PartitionKey = the channel, RowKey `cache`: since
 * when it holds, and the channel's configuration as it was then, as JSON. This is a storage format (docs/adr/0002).
 *
 *  CACHE-1  The cache lies in storage, so all hosts serve the same, and a refresh counts for all of them.
 *  CACHE-2  What it holds of a channel is as of one moment. The configuration is kept here; of customers, the channel
 *      database keeps beside a newer copy the one that was served at that moment (customer-rows.ts).
 *  CACHE-3  A channel's own changes, and what headquarters answers it at once, are never hidden by its cache.
 */
import type { Storage } from '../../storage/storage.ts';
import type { Row, StoredRow, Table } from '../../storage/table.ts';
import { type ChannelConfiguration, CONFIGURATION, NOTHING_DOWNLOADED } from './channel-configuration.ts';
import type { ChannelConfigurations } from './channel-configurations.ts';

/** What a channel serves. */
export interface ServedConfiguration extends ChannelConfiguration {
  /** As of when, ISO 8601 UTC; undefined: nothing is cached, it is as the channel database has it. */
  readonly asOf: string | undefined;
}

interface CacheRow extends Row {
  /** Milliseconds since 1970; 0: dropped. */
  asOfMs: number;
}

/** The caches of all channels. */
export class CsuCache {
  readonly #table: Table;
  readonly #configurations: ChannelConfigurations;
  readonly #maxAgeSeconds: () => Promise<number>;
  readonly #now: () => number;

  constructor(
    storage: Storage,
    ports: {
      readonly configurations: ChannelConfigurations;
      /** The setting `cacheMaxAgeSeconds`; 0: nothing is cached. */
      readonly maxAgeSeconds: () => Promise<number>;
      /** The time, in milliseconds since 1970. */
      readonly now: () => number;
    },
  ) {
    this.#table = storage.table('csucache');
    this.#configurations = ports.configurations;
    this.#maxAgeSeconds = ports.maxAgeSeconds;
    this.#now = ports.now;
  }

  /** What the channel serves now: what is cached, unless that is too old; it is then read anew and cached. */
  async serve(channel: string): Promise<ServedConfiguration> {
    const maxAgeMs = 1_000 * (await this.#maxAgeSeconds());
    if (maxAgeMs === 0) return { ...(await this.#configurations.read(channel)), asOf: undefined };
    const cached = await this.#row(channel);
    if (cached && this.#isAlive(cached, maxAgeMs)) return servedIn(cached);
    const asOfMs = this.#now();
    const configuration = await this.#configurations.read(channel);
    const row: CacheRow = { ...keyOf(channel), asOfMs, ...CONFIGURATION.write(configuration) };
    const written = await this.#table.write([
      cached ? { kind: 'replace', row, etag: cached.etag } : { kind: 'insert', row },
    ]);
    if (written.ok) return { ...configuration, asOf: new Date(asOfMs).toISOString() };
    // Another request has read it at the same moment: all serve the same.
    const theirs = await this.#row(channel);
    return theirs && theirs.asOfMs > 0 ? servedIn(theirs) : { ...configuration, asOf: undefined };
  }

  /** As of when the cache holds, ISO 8601 UTC; undefined when nothing is cached. */
  async asOf(channel: string): Promise<string | undefined> {
    const maxAgeMs = 1_000 * (await this.#maxAgeSeconds());
    const cached = maxAgeMs === 0 ? undefined : await this.#row(channel);
    return cached && this.#isAlive(cached, maxAgeMs) ? new Date(cached.asOfMs).toISOString() : undefined;
  }

  /** Drops what is cached; the next request reads it anew. */
  async drop(channel: string): Promise<void> {
    const cached = await this.#row(channel);
    if (!cached) return;
    const row: CacheRow = { ...keyOf(channel), asOfMs: 0 };
    const written = await this.#table.write([{ kind: 'replace', row, etag: cached.etag }]);
    if (!written.ok) await this.drop(channel);
  }

  /** A cache from the future (a clock that was set back) doesn't hold. */
  #isAlive({ asOfMs }: CacheRow, maxAgeMs: number): boolean {
    const ageMs = this.#now() - asOfMs;
    return ageMs >= 0 && ageMs < maxAgeMs;
  }

  #row(channel: string): Promise<StoredRow<CacheRow> | undefined> {
    const { partitionKey, rowKey } = keyOf(channel);
    return this.#table.get<CacheRow>(partitionKey, rowKey);
  }
}

function keyOf(channel: string): { partitionKey: string; rowKey: string } {
  return { partitionKey: channel, rowKey: 'cache' };
}

function servedIn(row: CacheRow): ServedConfiguration {
  return { ...(CONFIGURATION.read(row) ?? NOTHING_DOWNLOADED), asOf: new Date(row.asOfMs).toISOString() };
}
