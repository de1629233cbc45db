/** Work that is started in order and runs at most `limit` at a time; the first failure is thrown to whoever adds or waits next. */
export interface Pipeline {
  /** Starts the work, waiting first while too much is under way. */
  add(work: () => Promise<void>): Promise<void>;
  /** Resolves when all is done. */
  end(): Promise<void>;
}

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
