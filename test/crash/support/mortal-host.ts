import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { azuriteConnectionString } from '../../../local/azurite/connection-string.ts';
import { ApiClient } from '../../../local/demo/api-client.ts';
import { findPorts } from '../../../local/ports.ts';
import { spawnLocalHost } from '../../support/local-host.ts';

/** At which of its writes to storage a host is to die: as it is about to be sent, or when it was carried out. */
export interface Death {
  readonly when: 'before' | 'after';
  /** From 1 on. */
  readonly write: number;
}

/** A host that dies when it is told to, and is started again whenever it has. */
export interface MortalHost {
  readonly admin: ApiClient;
  /** Reaches the host's tables past the app. */
  readonly connectionString: string;
  /** A client of a channel. */
  channel(id: string): Promise<ApiClient>;
  /** Does something, with the host dying at a write meanwhile. False: it was done before the host had made so many. */
  dieDuring(death: Death, work: () => Promise<void>): Promise<boolean>;
  dispose(): Promise<void>;
}

/** Starts one on ports and data of its own. */
export async function startMortalHost(): Promise<MortalHost> {
  const [blob = 0, queue = 0, table = 0] = await findPorts([0, 0, 0].map((port) => ({ port })));
  const killFile = join(tmpdir(), `spillway-kill-${process.pid}-${table}`);
  const host = await spawnLocalHost({
    env: {
      NODE_OPTIONS: `--import ${pathToFileURL(join(import.meta.dirname, 'kill-at-write.mjs')).href}`,
      SPILLWAY_KILL_FILE: killFile,
      SPILLWAY_AZURITE_PORTS: `${blob},${queue},${table}`,
    },
  });
  let deaths = 0;
  let isDisposed = false;
  const revive = async (): Promise<void> => {
    await host.ended();
    if (isDisposed) return;
    deaths++;
    rmSync(killFile, { force: true });
    await host.restart();
    return revive();
  };
  const broken = revive();
  broken.catch(() => undefined);
  const clientOf = async (...claims: string[]) => new ApiClient(host.url, await host.token('--role', ...claims));
  const admin = await clientOf('Administrator');
  return {
    admin,
    connectionString: azuriteConnectionString({ blob, queue, table }),
    channel: (id) => clientOf('Channel', '--channel', id),
    async dieDuring({ when, write }, work) {
      const before = deaths;
      writeFileSync(killFile, `${when} ${write}`);
      await Promise.race([work(), broken]);
      rmSync(killFile, { force: true });
      // One that died with the last answer is up again once it answers this.
      await admin.must('/health');
      return deaths > before;
    },
    async dispose() {
      isDisposed = true;
      await host.dispose();
      rmSync(killFile, { force: true });
    },
  };
}
