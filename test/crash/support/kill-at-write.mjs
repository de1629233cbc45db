/**
 * Numbers every write that this process sends to the storage service, whoever sends it, and ends the process with SIGKILL
 * at the one that was ordered: as it is about to be sent, or when its answer comes in. To be imported before anything else.
 */
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';

const bareRequest = http.request;
let order;
let count = 0;

/** Writes are counted from now on. Undefined: nobody is to be killed. */
export function dieAt(death) {
  order = death;
  count = 0;
}

http.request = (...args) => {
  const request = bareRequest(...args);
  if (!isWrite(request) || ++count !== order?.write) return request;
  if (order.when === 'before') die();
  request.once('response', die);
  return request;
};
syncBuiltinESMExports();

/** Making a table changes no row. */
function isWrite({ method, path }) {
  return method !== 'GET' && path.startsWith('/devstoreaccount1') && !path.startsWith('/devstoreaccount1/Tables');
}

function die() {
  process.kill(process.pid, 'SIGKILL');
  // The signal takes effect at once, but not within this very statement.
  for (;;);
}
