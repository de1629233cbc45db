import { startMemoryAzurite } from '../local/azurite/memory-azurite.ts';
import { systemClock } from '../local/clock.ts';
import { HttpHost } from '../local/http/http-host.ts';
import { silentLog } from '../local/log.ts';
import { LOOPBACK, listen } from '../local/ports.ts';
import { serveApp } from '../local/serve-app.ts';
import { readHostJson } from '../local/settings.ts';
import { type TakeDown, takeDown } from '../local/take-down.ts';

/** An app on the local host, in this process, over an Azurite in memory. */
export interface ServedApp {
  readonly url: string;
  readonly connectionString: string;
  stop(): Promise<void>;
}

/** Serves the app of a folder's package.json. A process serves one app, which reads its settings from the environment. */
export async function serveInMemory(
  projectPath: string,
  settings: Readonly<Record<string, string>>,
): Promise<ServedApp> {
  const azurite = await startMemoryAzurite();
  const { connectionString } = azurite;
  const down: TakeDown[] = [() => azurite.stop()];
  const http = new HttpHost({ log: silentLog });
  const port = await listen(http.server, { port: 0 });
  const url = `http://${LOOPBACK}:${port}`;
  down.push(() => http.close());
  const env = {
    ...process.env,
    ...settings,
    AzureWebJobsStorage: connectionString,
    WEBSITE_HOSTNAME: `localhost:${port}`,
  };
  Object.assign(process.env, env);
  const hostJson = readHostJson(projectPath);
  await serveApp(
    {
      projectPath,
      hostJson,
      http,
      url,
      connectionString,
      env,
      clock: systemClock,
      log: silentLog,
      say: () => undefined,
    },
    down,
  );
  return { url, connectionString, stop: () => takeDown(down) };
}
