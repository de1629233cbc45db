import type { InvocationContext } from '@azure/functions';
import { app } from 'durable-functions';
import { JOB_ORCHESTRATION } from '../../shared/cascade/jobs/job-instances.ts';
import type { ActivityRef } from '../activity.ts';
import { advanceJob, applyStep, identifyStep, notePause, noteRetry } from './cascade-activities.ts';
import { cascadeJob, IDENTIFY_ORCHESTRATION, LANE_ORCHESTRATION } from './cascade-job.ts';
import { cascadeIdentify, cascadeLane } from './cascade-lane.ts';
import type { CascadeServices } from './cascade-services.ts';
import { createJobActivities } from './job-activities.ts';
import { createStepActivities } from './step-activities.ts';

/** Tells the Functions runtime of the orchestrations and activities of cascades. To be called once, at the start. */
export function registerCascade(services: Omit<CascadeServices, 'log'>): void {
  const register = <I, O>(ref: ActivityRef<I, O>, work: (of: CascadeServices, input: I) => Promise<O>): void => {
    app.activity(ref.name, {
      handler: async (input: unknown, context: InvocationContext) => {
        const logging = { ...services, log: (message: string) => context.warn(message) };
        return ref.output.parse(await work(logging, ref.input.parse(input)));
      },
    });
  };
  register(advanceJob, (of, input) => createJobActivities(of).advanceJob(input));
  register(noteRetry, (of, input) => createJobActivities(of).noteRetry(input));
  register(notePause, (of, input) => createJobActivities(of).notePause(input));
  register(identifyStep, (of, input) => createStepActivities(of).identifyStep(input));
  register(applyStep, (of, input) => createStepActivities(of).applyStep(input));
  app.orchestration(JOB_ORCHESTRATION, cascadeJob);
  app.orchestration(IDENTIFY_ORCHESTRATION, cascadeIdentify);
  app.orchestration(LANE_ORCHESTRATION, cascadeLane);
}
