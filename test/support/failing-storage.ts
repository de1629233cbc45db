import { RestError } from '@azure/data-tables';
import type { StoragePolicy } from '../../shared/storage/size-limits.ts';

type Request = Parameters<StoragePolicy['sendRequest']>[0];

/** A step of the storage client's pipeline that tests make fail on purpose, so many times. */
export interface FailingStorage {
  readonly policy: StoragePolicy;
  /** The next `times` fitting requests reach the service, but their answers are lost: the connection is cut. */
  loseAnswers(times: number, fits?: (request: Request) => boolean): void;
  /** The next `times` fitting requests don't reach the service: it answers 503. */
  refuse(times: number, fits?: (request: Request) => boolean): void;
  /** Called before each write reaches the service, to let somebody else in between. */
  beforeWrite: ((request: Request) => Promise<void>) | undefined;
}

const isWrite = (request: Request) => request.method !== 'GET';
/** Anything that changes rows; making a table is no such thing. */
const changesRows = (request: Request) => isWrite(request) && !request.url.includes('/Tables');

export function createFailingStorage(): FailingStorage {
  let losing = { times: 0, fits: changesRows };
  let refusing = { times: 0, fits: changesRows };
  const failing: FailingStorage = {
    beforeWrite: undefined,
    loseAnswers(times, fits = changesRows) {
      losing = { times, fits };
    },
    refuse(times, fits = changesRows) {
      refusing = { times, fits };
    },
    policy: {
      name: 'testFailures',
      async sendRequest(request, next) {
        if (refusing.times > 0 && refusing.fits(request)) {
          refusing.times--;
          throw new RestError('Server busy', { statusCode: 503 });
        }
        if (changesRows(request)) await failing.beforeWrite?.(request);
        const response = await next(request);
        if (losing.times > 0 && losing.fits(request)) {
          losing.times--;
          throw new RestError('socket hang up', { code: 'ECONNRESET' });
        }
        return response;
      },
    },
  };
  return failing;
}
