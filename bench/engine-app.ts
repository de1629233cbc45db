/** The app that the engine is measured with: one orchestration that calls an activity which does nothing. */
import { app, type OrchestrationContext } from 'durable-functions';

/** So many activities in one execution; a longer history would measure the worker's replay instead of the engine. */
const ACTIVITIES_PER_EXECUTION = 50;

app.activity('nothing', { handler: () => 0 });

app.orchestration('manyNothings', function* (context: OrchestrationContext) {
  const { left } = context.df.getInput<{ left: number }>();
  for (let call = 0; call < Math.min(left, ACTIVITIES_PER_EXECUTION); call++) yield context.df.callActivity('nothing');
  if (left > ACTIVITIES_PER_EXECUTION) context.df.continueAsNew({ left: left - ACTIVITIES_PER_EXECUTION });
});
