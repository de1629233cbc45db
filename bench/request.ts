import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TableClient } from '@azure/data-tables';
import { bucketOf } from '../shared/records/record-ids.ts';
import { recordTableName } from '../shared/records/record-row.ts';
import { makeChildren } from './children.ts';
import type { serveAsAdmin } from './job.ts';
import type { Round } from './report.ts';

/** Requests of a round, one after the other; all rounds together stay below the burst that the rate limit allows. */
const REQUESTS = 100;

/** What one kind of request cost, round by round. */
export interface RequestCost {
  readonly name: string;
  readonly rounds: readonly Round[];
}

/**
 * What a request costs on the local host, on its way in and out alone (health, an unknown address) and with its work (one
 * record). The floor: a bare server that answers the same bytes, after a bare point read where the request reads.
 */
export async function requestRounds(
  { app, admin, records }: Awaited<ReturnType<typeof serveAsAdmin>>,
  rounds: number,
): Promise<RequestCost[]> {
  const { accountId } = await makeChildren(records, 0);
  const table = TableClient.fromConnectionString(app.connectionString, recordTableName('account'), {
    allowInsecureConnection: true,
  });
  const read = () => table.getEntity(bucketOf(accountId), accountId);
  const kinds = [
    { name: 'GET /health', path: '/health', work: read },
    { name: 'GET a record', path: `/tables/account/${accountId}`, work: read },
    { name: 'an unknown address', path: '/nowhere', work: async () => undefined },
  ];
  const costs: RequestCost[] = [];
  for (const { name, path, work } of kinds) {
    const ask = async () => JSON.stringify((await admin.call(path, { final: 404 })).body);
    costs.push({ name, rounds: await heldAgainst(await ask(), work, ask, rounds) });
  }
  return costs;
}

/** Rounds of a request and of its floor by turns, so that both meet the same load; the first round isn't counted. */
async function heldAgainst(
  body: string,
  work: () => Promise<unknown>,
  ask: () => Promise<unknown>,
  rounds: number,
): Promise<Round[]> {
  const server = createServer((_request, response) => {
    work().then(
      () => response.setHeader('Content-Type', 'application/json').end(body),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const bare = async () => (await fetch(url)).json();
  const results: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    let [floorMs, ms] = [0, 0];
    for (let at = 0; at < REQUESTS; at++) {
      floorMs += await msOf(bare);
      ms += await msOf(ask);
    }
    results.push({ floorMs, ms });
  }
  server.close();
  server.closeAllConnections();
  return results.slice(1);
}

async function msOf(request: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await request();
  return performance.now() - startMs;
}
