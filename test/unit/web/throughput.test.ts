import { describe, expect, it } from 'vitest';
import type { Job } from '../../../web/src/api/shapes.ts';
import { ratesOf, withLook } from '../../../web/src/screens/jobs/throughput.ts';

const job = (done: number, completedOn: string | null = null) =>
  ({ progress: { done, failed: 0, skipped: 0 }, completedOn }) as Job;

function lookAt(...looks: readonly (readonly [onMs: number, job: Job])[]) {
  return looks.reduce((before, [onMs, seen]) => withLook(before, seen, onMs), [] as ReturnType<typeof withLook>);
}

describe('C18 how fast a job goes while one watches', () => {
  it('is what was done between two looks', () => {
    expect(ratesOf(lookAt([0, job(0)], [2_000, job(500)], [4_000, job(1_500)]))).toEqual([250, 500]);
  });

  it('begins anew where a retry takes failed records back', () => {
    expect(ratesOf(lookAt([0, job(100)], [2_000, job(60)], [4_000, job(80)]))).toEqual([10]);
  });

  it('ends with the job', () => {
    const end = job(500, '2026-11-30T00:00:00.000Z');
    expect(ratesOf(lookAt([0, job(0)], [2_000, end], [4_000, end]))).toEqual([250]);
  });

  it('takes a look that is told twice once', () => {
    expect(ratesOf(lookAt([0, job(0)], [0, job(0)], [1_000, job(10)]))).toEqual([10]);
  });
});
