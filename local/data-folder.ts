import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Files of the local host in its data folder; Azurite's own files lie beside them. */
export interface DataFolder {
  readonly path: string;
  /** Who runs on this data: see host-claim.ts. */
  readonly hostFile: string;
  /** Which Azurite serves this data. */
  readonly azuriteFile: string;
  /** What Azurite printed since it was started last. */
  readonly azuriteLog: string;
  /** Messages of the local Service Bus: see service-bus/journal.ts. */
  readonly serviceBusFile: string;
  /** The private key that signs local tokens. */
  readonly signingKey: string;
}

/** What `reset` may delete in a data folder. The signing key isn't among it, so tokens stay good. */
export const DATA_FILES =
  /^(?:__azurite_db_.*|__(?:blob|queue)storage__|AzuriteConfig|(?:host|azurite|service-bus)\.(?:json|log)|.*\.draft|.*\.stale)$/;

/** Makes the folder if need be, for its owner alone: it holds what may sign tokens. `SPILLWAY_DATA` names it (default `.azurite`), relative to the project's folder. */
export function openDataFolder(projectPath: string, env: NodeJS.ProcessEnv): DataFolder {
  const path = resolve(projectPath, env.SPILLWAY_DATA?.trim() || '.azurite');
  mkdirSync(path, { recursive: true, mode: 0o700 });
  closeToOthers(path);
  return {
    path,
    hostFile: join(path, 'host.json'),
    azuriteFile: join(path, 'azurite.json'),
    azuriteLog: join(path, 'azurite.log'),
    serviceBusFile: join(path, 'service-bus.log'),
    signingKey: join(path, 'signing-key.json'),
  };
}

/** A folder of somebody else's that we may use stays as its owner has it. */
function closeToOthers(path: string): void {
  const { mode, uid } = statSync(path);
  const isOurs = uid === process.getuid?.();
  if (isOurs && (mode & 0o077) !== 0) chmodSync(path, 0o700);
}
