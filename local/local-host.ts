/**
 * The embedded local host: what Core Tools, the Functions host and the Durable extension are on a developer's machine.
 *
 * It is put up in layers (data folder, port, Azurite, Service Bus, app), each of which leaves behind how to take it down; stopping,
 * and a failure half-way, take them down in the opposite order.
 */

import { appEnvironment } from './app-environment.ts';
import { azuritePortWishes, openAzurite } from './azurite/open-azurite.ts';
import { type Clock, systemClock } from './clock.ts';
import { openDataFolder } from './data-folder.ts';
import { claimDataFolder } from './host-claim.ts';
import { parseHostNames } from './http/guard.ts';
import { HttpHost } from './http/http-host.ts';
import type { Log } from './log.ts';
import { LOOPBACK, listen, parsePorts } from './ports.ts';
import { serveApp } from './serve-app.ts';
import { openServiceBus } from './service-bus/open-service-bus.ts';
import { readHostJson, withLocalSettings } from './settings.ts';
import { openSigningKey, type SigningKey } from './signing-key.ts';
import { type TakeDown, takeDown } from './take-down.ts';
import { takeLease } from './take-lease.ts';

/** Where the host listens unless `SPILLWAY_PORT` says otherwise. */
export const DEFAULT_PORT = 7071;

/** What a host is made of. */
export interface LocalHostOptions {
  /** Folder of package.json (whose `main` names the app), host.json and local.settings.json. */
  readonly projectPath: string;
  /** Settings; those of local.settings.json come after. */
  readonly env: NodeJS.ProcessEnv;
  /** False: the app's timers wait for a call on demand. */
  readonly demo: boolean;
  readonly log: Log;
  /** Told in a sentence what the host is doing. */
  readonly say: (sentence: string) => void;
  readonly clock?: Clock;
}

/** A running host. */
export interface LocalHost {
  /** Such as `http://127.0.0.1:7071`. */
  readonly url: string;
  readonly key: SigningKey;
  /** The app's environment, settings included. */
  readonly env: NodeJS.ProcessEnv;
  /** Settles with a reason when the host can't go on: Azurite has ended, or another host has taken its data over. */
  readonly failed: Promise<Error>;
  /** Ends what is under way, then everything. Repeatable: all calls wait for the one end. */
  stop(): Promise<void>;
  /** The least that has to be done before the process is ended at once: Azurite saves its data. */
  quit(): void;
}

/**
 * Starts a host in this process and waits until it serves the app. A process holds one host, since the app reads its
 * settings from the process's environment.
 */
export async function startLocalHost(options: LocalHostOptions): Promise<LocalHost> {
  const down: TakeDown[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= takeDown(down);
    return stopping;
  };
  try {
    return { ...(await putUp(options, down)), stop };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

async function putUp(options: LocalHostOptions, down: TakeDown[]): Promise<Omit<LocalHost, 'stop'>> {
  const { projectPath, log, say, clock = systemClock } = options;
  const settings = withLocalSettings(projectPath, options.env);
  const hostJson = readHostJson(projectPath);
  const [portWish = { port: DEFAULT_PORT }] = parsePorts('SPILLWAY_PORT', settings.SPILLWAY_PORT, [DEFAULT_PORT]);
  const azuriteWishes = azuritePortWishes(settings);
  const folder = openDataFolder(projectPath, settings);
  down.push(claimDataFolder(folder.hostFile, folder.path));
  const key = await openSigningKey(folder.signingKey);

  const http = new HttpHost({ log, hostNames: parseHostNames(settings.SPILLWAY_HOST_NAMES) });
  const port = await listen(http.server, portWish);
  down.push(() => http.close());
  if (portWish.port !== 0 && port !== portWish.port) say(`Port ${portWish.port} is taken; listening on ${port}.`);
  const url = `http://${LOOPBACK}:${port}`;

  say('Starting Azurite, the local storage …');
  const azurite = await openAzurite(folder, azuriteWishes, say);
  down.push(() => azurite.stop());
  const { connectionString } = azurite;
  const serviceBus = await openServiceBus(settings, { folder, say, down });
  const env = appEnvironment(settings, {
    connectionString,
    serviceBus,
    hostName: `localhost:${port}`,
    key,
    demo: options.demo,
  });
  Object.assign(process.env, env);

  const lease = await takeLease({ name: folder.path, connectionString, clock, log }, down);
  say('Loading the function app …');
  const app = await serveApp({ projectPath, hostJson, http, url, connectionString, env, clock, log, say }, down);
  const azuriteEnded = azurite.ended.then(() => new Error(`Azurite has ended by itself; see ${folder.azuriteLog}.`));
  return {
    url,
    key,
    env,
    failed: Promise.race([azuriteEnded, lease.lost, app.stopped]),
    quit: () => azurite.signalStop(),
  };
}
