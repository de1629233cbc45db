import type { InvocationContext } from '@azure/functions';
import { app } from 'durable-functions';
import type { ActivityRef } from './activity.ts';

/** Tells the Functions runtime of an activity, whose input and output are parsed. To be called once for each, at the start. */
export function registerActivity<I, O>(
  { name, input, output }: ActivityRef<I, O>,
  work: (given: I, context: InvocationContext) => Promise<O>,
): void {
  app.activity(name, {
    handler: async (given: unknown, context: InvocationContext) =>
      output.parse(await work(input.parse(given), context)),
  });
}
