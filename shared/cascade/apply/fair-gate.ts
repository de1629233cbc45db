/** Transactions of all jobs of a process, so many at a time: what one process has under way delays whatever comes after it. */
export interface FairGate {
  /** Runs the work as soon as its turn comes: first the job that has the least under way, then who came first. */
  run<T>(jobId: string, work: () => Promise<T>): Promise<T>;
}

/** Opens a gate that lets `limit` pieces of work through at a time. */
export function createFairGate(limit: number): FairGate {
  const waiting: { readonly jobId: string; readonly begin: () => void }[] = [];
  const underWay = new Map<string, number>();
  let running = 0;

  const countOf = (jobId: string) => underWay.get(jobId) ?? 0;
  const enter = (jobId: string) => {
    running++;
    underWay.set(jobId, countOf(jobId) + 1);
  };
  const leave = (jobId: string) => {
    running--;
    const left = countOf(jobId) - 1;
    if (left > 0) underWay.set(jobId, left);
    else underWay.delete(jobId);
    const least = Math.min(...waiting.map((other) => countOf(other.jobId)));
    const at = waiting.findIndex((other) => countOf(other.jobId) === least);
    const [next] = at < 0 ? [] : waiting.splice(at, 1);
    if (!next) return;
    enter(next.jobId);
    next.begin();
  };

  return {
    async run(jobId, work) {
      if (running < limit) enter(jobId);
      else await new Promise<void>((begin) => waiting.push({ jobId, begin }));
      try {
        return await work();
      } finally {
        leave(jobId);
      }
    },
  };
}
