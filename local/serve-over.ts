import { systemClock } from './clock.ts';
import { HttpHost } from './http/http-host.ts';
import { type Log, silentLog } from './log.ts';
import { LOOPBACK, listen } from './ports.ts';
import { serveApp } from './serve-app.ts';
import { readHostJson } from './settings.ts';
import type { TakeDown } from './take-down.ts';

export interface ServeOverOptions {
  readonly projectPath: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly log?: Log;
}

/**
 * Serves the app of a folder's package.json in this process, over storage that is there, on any free port: for tests and
 * measurements. A process serves one app, which reads its settings from the environment.
 *
 * @param down receives how to stop it.
 * @returns where it listens, such as `http://127.0.0.1:41234`.
 */
export async function serveOver(
  connectionString: string,
  { projectPath, settings, log = silentLog }: ServeOverOptions,
  down: TakeDown[],
): Promise<string> {
  const http = new HttpHost({ log });
  const port = await listen(http.server, { port: 0 });
  const url = `http://${LOOPBACK}:${port}`;
  down.push(() => http.close());
  const storage = { AzureWebJobsStorage: connectionString, WEBSITE_HOSTNAME: `localhost:${port}` };
  const env = { ...process.env, ...settings, ...storage };
  Object.assign(process.env, env);
  const hostJson = readHostJson(projectPath);
  const quiet = { clock: systemClock, log, say: () => undefined };
  await serveApp({ projectPath, hostJson, http, url, connectionString, env, ...quiet }, down);
  return url;
}
