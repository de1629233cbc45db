/**
 * Conditioned deletes within a transaction. Table Storage has them, while the client's transactions always send
 * `If-Match: *` for a delete: this puts the ETags that were seen in its place, delete by delete.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { StoragePolicy } from './size-limits.ts';

const DELETE_OF_ANY = /^(DELETE [^\r\n]+\r?\n(?:[^\r\n]+\r?\n)*?)(if-match: )\*/gim;

const wanted = new AsyncLocalStorage<readonly string[]>();

/** Sends a transaction whose deletes, in their order, are on these ETags; `*` for any. */
export function withDeleteEtags<T>(etags: readonly string[], send: () => Promise<T>): Promise<T> {
  return etags.every((etag) => etag === '*') ? send() : wanted.run(etags, send);
}

/** The step of the request pipeline that does it. Throws where the body isn't as expected: no delete goes out unconditioned. */
export const deleteConditionsPolicy: StoragePolicy = {
  name: 'spillwayDeleteConditions',
  sendRequest(request, next) {
    const etags = wanted.getStore();
    if (!etags || typeof request.body !== 'string' || !request.url.endsWith('/$batch')) return next(request);
    let at = 0;
    request.body = request.body.replace(DELETE_OF_ANY, (_, before: string, header: string) => {
      return `${before}${header}${etags[at++] ?? '*'}`;
    });
    if (at !== etags.length) throw new Error(`A transaction of ${etags.length} deletes was sent with ${at} conditions`);
    return next(request);
  },
};
