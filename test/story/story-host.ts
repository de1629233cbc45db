import type { AssignStoryHost } from '../../local/demo/assign-scene.ts';
import { createHostFaults, type SpawnedHost, spawnLocalHost } from '../support/local-host.ts';

/** A host that a story is told to, and how to end it. */
export interface ToldHost {
  readonly host: AssignStoryHost;
  dispose(): Promise<void>;
}

/** Starts a host for stories. */
export async function startStoryHost(): Promise<ToldHost> {
  const faults = createHostFaults();
  const spawned = await spawnLocalHost({ env: faults.env });
  return {
    host: { ...tokensOf(spawned), url: spawned.url, faults, killAndRestart: () => killAndRestart(spawned) },
    async dispose() {
      faults.end();
      await spawned.dispose();
    },
  };
}

function tokensOf(host: SpawnedHost): Pick<AssignStoryHost, 'token' | 'userToken'> {
  return {
    token: (role, channel) => host.token('--role', role, ...(channel ? ['--channel', channel] : [])),
    userToken: (user) => host.token('--role', 'User', '--user', user),
  };
}

async function killAndRestart(host: SpawnedHost): Promise<void> {
  await host.kill9();
  await host.restart();
}
