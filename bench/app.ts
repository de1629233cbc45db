import { emulatorSettings } from '../local/app-environment.ts';
import { startMemoryAzurite } from '../local/azurite/memory-azurite.ts';
import { serveOver } from '../local/serve-over.ts';
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
  const env = { ...emulatorSettings, ...settings };
  const url = await serveOver(connectionString, { projectPath, settings: env }, down);
  return { url, connectionString, stop: () => takeDown(down) };
}
