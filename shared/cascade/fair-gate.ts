import type { RequestCounter } from '../http/request-counter.ts';

/** Storage work of all jobs of a process, so much at a time: what one process has under way delays whatever comes after it. */
export interface FairGate {
  /** Runs the work as soon as a slot is free: first the job that has the least under way, then who came first. */
  run<T>(jobId: string, work: () => Promise<T>): Promise<T>;
}

interface FairGateOptions {
  /** So much is under way at a time. */
  readonly limit: number;
  /** Requests that people wait for; while there are any, jobs have one piece of work under way at a time, with rests in between. */
  readonly requests?: Pick<RequestCounter, 'isServing' | 'onQuiet'> | undefined;
  /** Milliseconds since any moment. */
  readonly now?: () => number;
}

/** Does a piece of work in a slot of the gate, once one is free. */
export type InSlot = <T>(work: () => Promise<T>) => Promise<T>;

/** For work that a person waits for. */
export const atOnce: InSlot = (work) => work();

/** The slots of a job at a gate. */
export function inSlotOf(gate: FairGate, jobId: string): InSlot {
  return (work) => gate.run(jobId, work);
}

/** After a piece of work jobs rest so many times as long as it took, if somebody waits for a request. */
const REST = 3;

/** Opens a gate. */
export function createFairGate({ limit, requests, now = () => performance.now() }: FairGateOptions): FairGate {
  const waiting: { readonly jobId: string; readonly begin: () => void }[] = [];
  const underWay = new Map<string, number>();
  let running = 0;
  let restUntil = 0;
  let alarm: NodeJS.Timeout | undefined;

  const countOf = (jobId: string) => underWay.get(jobId) ?? 0;
  const isOpen = () => {
    if (!requests?.isServing()) return running < limit;
    return running === 0 && now() >= restUntil;
  };
  const takeNext = () => {
    const least = Math.min(...waiting.map(({ jobId }) => countOf(jobId)));
    return waiting.splice(
      waiting.findIndex(({ jobId }) => countOf(jobId) === least),
      1,
    );
  };
  const letThrough = () => {
    while (waiting.length > 0 && isOpen()) {
      for (const { jobId, begin } of takeNext()) {
        running++;
        underWay.set(jobId, countOf(jobId) + 1);
        begin();
      }
    }
    clearTimeout(alarm);
    if (waiting.length > 0 && running === 0) alarm = setTimeout(letThrough, Math.max(1, restUntil - now()));
  };
  const leave = (jobId: string, tookMs: number) => {
    running--;
    restUntil = now() + tookMs * REST;
    const left = countOf(jobId) - 1;
    if (left > 0) underWay.set(jobId, left);
    else underWay.delete(jobId);
    letThrough();
  };
  requests?.onQuiet(letThrough);

  return {
    async run(jobId, work) {
      await new Promise<void>((begin) => {
        waiting.push({ jobId, begin });
        letThrough();
      });
      const startMs = now();
      try {
        return await work();
      } finally {
        leave(jobId, now() - startMs);
      }
    },
  };
}
