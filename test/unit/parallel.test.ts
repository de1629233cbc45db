import { describe, expect, it } from 'vitest';
import { createPipeline } from '../../shared/storage/parallel.ts';

/** Work that ends when the test says so. */
function controlled() {
  let end: (error?: Error) => void = () => {};
  const done = new Promise<void>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve());
  });
  return { work: () => done, end: (error?: Error) => end(error) };
}

describe('a pipeline', () => {
  it('starts work until the limit is reached, and further work when some has ended', async () => {
    const pipeline = createPipeline(2);
    const [one, two] = [controlled(), controlled()];
    await pipeline.add(one.work);
    await pipeline.add(two.work);
    let started = false;
    const third = pipeline.add(async () => {
      started = true;
    });
    await Promise.resolve();
    expect(started).toBe(false);
    two.end();
    await third;
    expect(started).toBe(true);
    one.end();
    await pipeline.end();
  });

  it('gives a failure to whoever adds or waits next, and waits for the rest', async () => {
    const pipeline = createPipeline(2);
    const [one, two] = [controlled(), controlled()];
    await pipeline.add(one.work);
    await pipeline.add(two.work);
    one.end(new Error('first'));
    await expect(pipeline.add(async () => {})).rejects.toThrow('first');
    two.end(new Error('second'));
    await expect(pipeline.end()).rejects.toThrow('first');
  });
});
