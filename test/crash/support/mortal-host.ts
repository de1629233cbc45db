import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TableClient } from '@azure/data-tables';
import { inject } from 'vitest';
import { startMemoryAzurite } from '../../../local/azurite/memory-azurite.ts';
import { ApiClient } from '../../../local/demo/api-client.ts';
import { AUDIENCE, createTokenMaker, goodClaims, ISSUER } from '../../support/token-maker.ts';

/** At which of its writes to storage a host is to die: as it is about to be sent, or when it was carried out. */
export interface Death {
  readonly when: 'before' | 'after';
  /** From 1 on. */
  readonly write: number;
}

/** A host that dies when it is told to, and is started again whenever it has. Its storage lives on. */
export interface MortalHost {
  readonly admin: ApiClient;
  /** Reaches the host's tables past the app. */
  readonly connectionString: string;
  /** A client of a channel. */
  channel(id: string): Promise<ApiClient>;
  /**
   * Does something, with the host dying at a write meanwhile; further deaths are those of the lives after, from their first
   * write on. Gives how often it died before all was done. `whenDead` is done each time before it lives again;
   * rejects when that does.
   */
  dieDuring(deaths: readonly Death[], work: () => Promise<void>, whenDead?: () => Promise<void>): Promise<number>;
  /** Has what crashes left mended, as a timer does each minute; to be asked for before the tables are read. */
  mend(): Promise<void>;
  /** What its lives have written to their logs so far. */
  output(): string;
  dispose(): void;
}

/** A host comes back so much later than it died: whatever it held has run out. */
const DOWN_MS = 40_000;

const MEND_LIMIT_MS = 20_000;
const MEND_POLL_MS = 100;
const KNOCK_MS = 10;
const LIFE_OF_TOKENS_SECONDS = 10 * 24 * 3600;

/** Starts one on storage of its own, with no timers but those that mend. */
export async function startMortalHost(): Promise<MortalHost> {
  const azurite = await startMemoryAzurite();
  const { connectionString } = azurite;
  const tokens = await createTokenMaker();
  const settings = {
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: AUDIENCE,
    AUTH_JWKS: JSON.stringify(tokens.keySet),
    SPILLWAY_TIMERS_ENABLED: 'false',
  };
  let output = '';
  const loadApp = () =>
    startProcess((text) => {
      output += text;
    });
  let next = loadApp();
  let current = next;
  let url: string | undefined;
  let lives = 0;
  let planned: Death[] = [];
  let atDeath: (() => Promise<void>) | undefined;
  let isDisposed = false;

  const live = async (): Promise<void> => {
    const child = next;
    current = child;
    next = loadApp();
    const serve = { connectionString, projectPath: inject('mortalAppPath'), settings, aheadMs: lives++ * DOWN_MS };
    const ended = once(child, 'exit');
    child.send({ serve, death: planned.shift() }, () => undefined);
    url = (await answerOf(child))?.url;
    const [code, signal] = await ended;
    url = undefined;
    if (isDisposed) return;
    if (signal !== 'SIGKILL') throw new Error(`The host ended with ${code ?? signal}:\n${output}`);
    await atDeath?.();
    return isDisposed ? undefined : live();
  };
  const broken = live();
  broken.catch(() => undefined);

  const clientOf = async (claims: Readonly<Record<string, unknown>>) => {
    const nowMs = Date.now();
    const lasting = { ...goodClaims(nowMs), exp: Math.floor(nowMs / 1000) + LIFE_OF_TOKENS_SECONDS, ...claims };
    const whereNow = () => {
      if (url === undefined) throw new Error('The host is down');
      return url;
    };
    return new ApiClient(whereNow, await tokens.sign(lasting), KNOCK_MS);
  };
  const admin = await clientOf({ sub: 'admin', roles: ['Administrator'] });
  /** Resolves once a living host has heard it. */
  const order = async (death?: Death): Promise<void> => {
    for (;;) {
      // One that is dying is no more; its successor answers this.
      await admin.must('/health');
      const answer = answerOf(current);
      current.send({ death }, () => undefined);
      if (await answer) return;
    }
  };
  return {
    admin,
    connectionString,
    channel: (channel) => clientOf({ sub: `channel:${channel}`, roles: ['Channel'], channel }),
    async dieDuring([first, ...others], work, whenDead) {
      await order();
      const before = lives;
      planned = others;
      atDeath = whenDead;
      await order(first);
      await Promise.race([work(), broken]);
      planned = [];
      await order();
      atDeath = undefined;
      return lives - before;
    },
    async mend() {
      for (const endMs = Date.now() + MEND_LIMIT_MS; Date.now() < endMs && (await hasOpen(connectionString)); ) {
        const json = { 'content-type': 'application/json' };
        await fetch(`${url}/admin/functions/reconcileJobs`, { method: 'POST', headers: json, body: '{}' });
        await sleep(MEND_POLL_MS);
      }
    },
    output: () => output,
    dispose() {
      isDisposed = true;
      for (const child of [current, next]) child.kill('SIGKILL');
      azurite.stop();
    },
  };
}

/** Whether locks of a transaction, or claims on roots, may be left. */
async function hasOpen(connectionString: string): Promise<boolean> {
  const locks = await hasRow(connectionString, 'transactions', "PartitionKey eq 'open'");
  return locks || hasRow(connectionString, 'jobroots', '');
}

/** Where no story needed a table there may be none. */
async function hasRow(connectionString: string, name: string, filter: string): Promise<boolean> {
  const table = TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true });
  const found = table.listEntities({ queryOptions: { filter } });
  return found.next().then(
    ({ done }) => !done,
    (error: { readonly statusCode?: number }) => {
      if (error.statusCode === 404) return false;
      throw error;
    },
  );
}

/** The next message of an app; undefined when it ends first. */
async function answerOf(child: ChildProcess): Promise<{ readonly url?: string } | undefined> {
  const over = new AbortController();
  const said = once(child, 'message', over).then(([message]) => message as { readonly url?: string });
  const ended = once(child, 'exit', over).then(() => undefined);
  try {
    return await Promise.race([said, ended]);
  } finally {
    over.abort();
    void Promise.allSettled([said, ended]);
  }
}

/** Starts a process that waits for its life to begin. */
function startProcess(onOutput: (text: string) => void): ChildProcess {
  const script = join(inject('mortalAppPath'), 'mortal-app.js');
  const child = fork(script, { execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => onOutput(text.toString()));
  return child;
}
