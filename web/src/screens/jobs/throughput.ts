/** How fast a job went while one watched. Pure. */
import type { Job } from '../../api/shapes.ts';

/** What a look at a job saw. */
interface Sample {
  readonly onMs: number;
  readonly processed: number;
}

/** Looks that are kept: some minutes. */
const MAX_SAMPLES = 120;

/** The looks with one more; one that saw no later state of the job isn't kept. */
export function withLook(samples: readonly Sample[], job: Job, onMs: number): readonly Sample[] {
  const { done, failed, skipped } = job.progress;
  const processed = done + failed + skipped;
  const last = samples.at(-1);
  if (last && (onMs <= last.onMs || (job.completedOn !== null && processed === last.processed))) return samples;
  // A retry takes failed records back: what was seen before tells nothing of what follows.
  const kept = last && processed < last.processed ? [] : samples;
  return [...kept, { onMs, processed }].slice(-MAX_SAMPLES);
}

/** Records a second between each two looks. */
export function ratesOf(samples: readonly Sample[]): readonly number[] {
  return samples.slice(1).map(({ onMs, processed }, at) => {
    const before = samples[at];
    return before ? ((processed - before.processed) / (onMs - before.onMs)) * 1_000 : 0;
  });
}
