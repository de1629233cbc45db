/**
 * Preloaded into a host (`node --import`): numbers every write that the process sends to the storage service, whoever sends
 * it, and ends the process with SIGKILL at the one that a file names: `before 7` as it is about to be sent, `after 7` when
 * its answer comes in. Numbers count from when the file was written.
 */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';

const orders = process.env.SPILLWAY_KILL_FILE ?? '';
const bareRequest = http.request;
let order = '';
let count = 0;

http.request = (...args) => {
  const request = bareRequest(...args);
  if (!isWrite(request)) return request;
  const [when, at] = readOrder().split(' ');
  count++;
  if (Number(at) !== count) return request;
  if (when === 'before') die();
  request.once('response', die);
  return request;
};
syncBuiltinESMExports();

/** Making a table changes no row. */
function isWrite({ method, path }) {
  return method !== 'GET' && path.startsWith('/devstoreaccount1') && !path.startsWith('/devstoreaccount1/Tables');
}

function readOrder() {
  let text = '';
  try {
    text = readFileSync(orders, 'utf8');
  } catch {
    // Nobody is to be killed.
  }
  if (text !== order) {
    order = text;
    count = 0;
  }
  return order;
}

function die() {
  process.kill(process.pid, 'SIGKILL');
  // The signal takes effect at once, but not within this very statement.
  for (;;);
}
