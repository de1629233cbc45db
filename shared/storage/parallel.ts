/**
 * How much one piece of work has under way at once, in requests to storage. More gains nothing on the emulator, which has
 * one core, and in Azure other requests of the same host are to get on too.
 */
export const MAX_PARALLEL = 8;
/** The same where pieces wait for one another's transactions, and share them (staging), or where each is a single insert. */
export const MANY_PARALLEL = 16;
/** The same for work of which several pieces run side by side, as in the lanes of a job. */
export const FEW_PARALLEL = 4;
/** Pages of one list that are worked on at once, while further ones are read. */
export const PAGES_AHEAD = 3;

/** Runs `work` over the items, at most `limit` at a time, and gives the results in order. The first failure ends it. */
export async function mapParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

/** Groups items by a key, in order of first appearance; no group holds more than `most`. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string, most = Number.POSITIVE_INFINITY): T[][] {
  const open = new Map<string, T[]>();
  const groups: T[][] = [];
  for (const item of items) {
    const key = keyOf(item);
    let group = open.get(key);
    if (!group || group.length >= most) {
      group = [];
      open.set(key, group);
      groups.push(group);
    }
    group.push(item);
  }
  return groups;
}

/** Work that is started in order and runs at most `limit` at a time; the first failure is thrown to whoever adds or waits next. */
export interface Pipeline {
  /** Starts the work, waiting first while too much is under way. */
  add(work: () => Promise<void>): Promise<void>;
  /** Resolves when all is done. */
  end(): Promise<void>;
}

/** Creates a pipeline. */
export function createPipeline(limit: number): Pipeline {
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const throwFailure = () => {
    if (failure) throw failure.error;
  };
  return {
    async add(work) {
      while (running.size >= limit) await Promise.race(running);
      throwFailure();
      const run = work()
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => running.delete(run));
      running.add(run);
    },
    async end() {
      await Promise.all(running);
      throwFailure();
    },
  };
}
