import { RestError } from '@azure/data-tables';
import type { StoragePolicy } from '../../../shared/storage/size-limits.ts';

/** Storage that refuses, for good, every transaction that writes one of these records. */
export class Poison {
  readonly ids = new Set<string>();
  /** Whether it says which row it refuses. */
  namesIndex = true;
  readonly policy: StoragePolicy = {
    name: 'testPoison',
    sendRequest: (request, next) => {
      const body = typeof request.body === 'string' ? request.body : '';
      if (request.method !== 'POST' || !body.startsWith('--batch')) return next(request);
      const parts = body.split('\r\n--changeset_').slice(1);
      const index = parts.findIndex((part) => [...this.ids].some((id) => part.includes(`RowKey='${id}'`)));
      if (index < 0) return next(request);
      const message = this.namesIndex ? `${index}:The value is bad` : 'The request is bad';
      throw new RestError(message, { statusCode: 400 });
    },
  };
}
