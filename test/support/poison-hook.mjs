/**
 * A hook for the storage client (SPILLWAY_STORAGE_HOOK): a transaction that changes one of the rows whose keys the file
 * SPILLWAY_POISON_FILE lists is refused for good, as one with a bad value would be.
 */
import { readFileSync } from 'node:fs';
import { RestError } from '@azure/data-tables';

const poisonFile = process.env.SPILLWAY_POISON_FILE ?? '';

function poisonedKeys() {
  try {
    return readFileSync(poisonFile, 'utf8').split(/\s+/).filter(Boolean);
  } catch {
    return [];
  }
}

export const policies = [
  {
    name: 'testPoison',
    sendRequest(request, next) {
      const body = typeof request.body === 'string' ? request.body : '';
      if (!body.startsWith('--batch')) return next(request);
      const keys = poisonedKeys();
      const parts = body.split('\r\n--changeset_').slice(1);
      const index = parts.findIndex((part) => keys.some((key) => part.includes(`RowKey='${key}'`)));
      if (index < 0) return next(request);
      throw new RestError(`${index}:The value is bad`, { statusCode: 400 });
    },
  },
];
