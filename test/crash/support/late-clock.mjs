/**
 * A clock that can be put forward, as if the process had been down for so long, and the storage service's with it: what a
 * dead process holds for a while is free then, and no test waits for it. To be imported before whatever reads the clock.
 */
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';

const RealDate = Date;
let aheadMs = 0;

/** How far the clock is ahead of the machine's. */
export function putForward(ms) {
  aheadMs = ms;
}

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + aheadMs);
    else super(...args);
  }

  static now() {
    return RealDate.now() + aheadMs;
  }
};

const request = http.request;

http.request = (...args) =>
  request(...args).prependOnceListener('response', ({ headers }) => {
    if (headers.date) headers.date = new RealDate(RealDate.parse(headers.date) + aheadMs).toUTCString();
  });
syncBuiltinESMExports();
