/**
 * The durable engine as a process of its own, of the compiled project. Settings come from the environment; it is killed as it
 * sends the write CHILD_DIES_AT to storage, if there is one. The first line of the output is the port of its management API.
 */
import { createServer } from 'node:http';
import { systemClock } from '../../../../dist/local/clock.js';
import { createDurableHost } from '../../../../dist/local/durable/durable-host.js';
import { loadFunctionApp } from '../../../../dist/local/functions-core/load.js';
import { consoleLog } from '../../../../dist/local/log.js';

const { CHILD_ENTRY_POINT, CHILD_CONNECTION, CHILD_TASK_HUB, CHILD_DIES_AT } = process.env;

let writes = 0;
const dies = {
  name: 'testDies',
  async sendRequest(request, next) {
    const isWrite = request.method !== 'GET' && !request.url.includes('/Tables');
    if (isWrite && ++writes === Number(CHILD_DIES_AT)) process.kill(process.pid, 'SIGKILL');
    return next(request);
  },
};

const log = consoleLog('warning');
const host = createDurableHost({
  app: await loadFunctionApp({ entryPoints: [CHILD_ENTRY_POINT], log }),
  connectionString: CHILD_CONNECTION,
  taskHubName: CHILD_TASK_HUB,
  baseUrl: 'http://localhost:7071',
  clock: systemClock,
  log,
  limits: { maxConcurrentActivities: 16, maxConcurrentOrchestrators: 16 },
  onStopped: () => process.exit(3),
  logEntriesPerSegment: 20,
  storagePolicies: [dies],
});
await host.start();

async function serve(request, response) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const answer = await host.handle({
    method: request.method,
    url: new URL(request.url, 'http://localhost:7071'),
    headers: { 'content-type': request.headers['content-type'] },
    body: Buffer.concat(parts),
  });
  response.writeHead(answer?.status ?? 404, answer?.headers).end(answer?.body);
}

const server = createServer((request, response) => void serve(request, response));
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
