/**
 * The durable engine as a process of its own, for tests that kill it. Settings come from the environment; the first line of
 * the output is the port of its management API.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../../local/clock.ts';
import { createDurableHost } from '../../../../local/durable/durable-host.ts';
import { loadFunctionApp } from '../../../../local/functions-core/load.ts';
import { consoleLog } from '../../../../local/log.ts';

const { CHILD_ENTRY_POINT = '', CHILD_CONNECTION = '', CHILD_TASK_HUB = '' } = process.env;

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
});
await host.start();

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await host.handle({
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', 'http://localhost:7071'),
    headers: { 'content-type': request.headers['content-type'] },
    body: await readBody(request),
  });
  response.writeHead(answer?.status ?? 404, answer?.headers).end(answer?.body);
}

const server = createServer((request, response) => void serve(request, response));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
