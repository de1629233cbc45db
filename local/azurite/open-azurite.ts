import type { DataFolder } from '../data-folder.ts';
import { findPorts, PortTakenError, type PortWish, parsePorts } from '../ports.ts';
import { type AzuriteProcess, AzuriteStartError, endAzurite, startAzurite } from './azurite-process.ts';
import type { AzuritePorts } from './connection-string.ts';

const SETTING = 'SPILLWAY_AZURITE_PORTS';
const DEFAULT_PORTS = [10_000, 10_001, 10_002];

/** Between looking for free ports and listening on them somebody else may take one. */
const MAX_TRIES = 5;

/** The ports that `SPILLWAY_AZURITE_PORTS` asks for: blob, queue, table. */
export function azuritePortWishes(env: NodeJS.ProcessEnv): PortWish[] {
  return parsePorts(SETTING, env[SETTING], DEFAULT_PORTS);
}

/**
 * Starts Azurite on the folder's data, after ending one that an earlier host left behind.
 *
 * @param say told in a sentence what is done, when it takes time or differs from what was wished.
 * @throws PortTakenError when a port that was set is in use.
 */
export async function openAzurite(
  folder: DataFolder,
  wishes: readonly PortWish[],
  say: (sentence: string) => void,
): Promise<AzuriteProcess & { readonly ports: AzuritePorts }> {
  const left = await endAzurite(folder);
  if (left) say(`Ended the Azurite that an earlier host left behind (process ${left.pid}); its data is saved.`);
  for (let tries = 1; ; tries++) {
    const [blob = 0, queue = 0, table = 0] = await findPorts(wishes);
    const moved = [blob, queue, table].some((port, index) => wishes[index]?.port !== 0 && wishes[index]?.port !== port);
    if (moved)
      say(`A default port of Azurite is taken; it listens on ${blob}, ${queue} and ${table} (blob, queue, table).`);
    try {
      return { ...(await startAzurite(folder, { blob, queue, table })), ports: { blob, queue, table } };
    } catch (error) {
      await endAzurite(folder);
      const isPortRace = error instanceof AzuriteStartError && error.output.includes('EADDRINUSE');
      const set = wishes.find((wish) => wish.setting !== undefined && wish.port !== 0);
      if (isPortRace && set) throw new PortTakenError(set);
      if (!isPortRace || tries === MAX_TRIES) throw error;
    }
  }
}
