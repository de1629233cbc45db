import { RestError } from '@azure/data-tables';
import type { StoragePolicy } from '../../shared/storage/size-limits.ts';

type Request = Parameters<StoragePolicy['sendRequest']>[0];

/** A step of the storage client's pipeline that tests make fail on purpose, so many times. */
export interface FailingStorage {
  readonly policy: StoragePolicy;
  /** The next `times` fitting requests reach the service, but their answers are lost: the connection is cut. */
  loseAnswers(times: number, fits?: (request: Request) => boolean): void;
  /** The next `times` fitting requests don't reach the service and fail so; a busy service (503) unless said otherwise. */
  refuse(times: number, fits?: (request: Request) => boolean, error?: Error): void;
  /** Called once after an answer was lost, to let somebody else in between before the request is repeated. */
  afterLoss: (() => Promise<void>) | undefined;
}

const isWrite = (request: Request) => request.method !== 'GET';
/** Anything that changes rows; making a table is no such thing. */
const changesRows = (request: Request) => isWrite(request) && !request.url.includes('/Tables');

export function createFailingStorage(): FailingStorage {
  let losing = { times: 0, fits: changesRows };
  let refusing = { times: 0, fits: changesRows, error: new Error() };
  const failing: FailingStorage = {
    afterLoss: undefined,
    loseAnswers(times, fits = changesRows) {
      losing = { times, fits };
    },
    refuse(times, fits = changesRows, error = new RestError('Server busy', { statusCode: 503 })) {
      refusing = { times, fits, error };
    },
    policy: {
      name: 'testFailures',
      async sendRequest(request, next) {
        if (refusing.times > 0 && refusing.fits(request)) {
          refusing.times--;
          throw refusing.error;
        }
        const response = await next(request);
        if (losing.times > 0 && losing.fits(request)) {
          losing.times--;
          const afterLoss = failing.afterLoss;
          failing.afterLoss = undefined;
          await afterLoss?.();
          throw new RestError('socket hang up', { code: 'ECONNRESET' });
        }
        return response;
      },
    },
  };
  return failing;
}
