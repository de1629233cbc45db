// A function app for tests of the durable engine.
const df = require('durable-functions');
const { activity, orchestration } = df.app;

/** Every activity run of this process: `name:input`. */
globalThis.activityRuns ??= [];

activity('note', {
  handler: (text) => {
    globalThis.activityRuns.push(text);
    return `done ${text}`;
  },
});
activity('text', { handler: ({ length, letter }) => letter.repeat(length) });
activity('length', { handler: (text) => text.length });
activity('gate', { handler: (name) => globalThis.gates[name] });
activity('fails', {
  handler: () => {
    throw new Error('it fails');
  },
});

const seconds = (context, count) => new Date(context.df.currentUtcDateTime.getTime() + count * 1000);

orchestration('chain', function* (context) {
  const { id, steps } = context.df.getInput();
  const results = [];
  for (let step = 0; step < steps; step++) results.push(yield context.df.callActivity('note', `${id}/${step}`));
  return results.length;
});

orchestration('fanOut', function* (context) {
  const count = context.df.getInput();
  const tasks = Array.from({ length: count }, (_, index) => context.df.callActivity('note', `fan/${index}`));
  const results = yield context.df.Task.all(tasks);
  return results;
});

/** Rounds of one activity each, a new execution per round. */
orchestration('rounds', function* (context) {
  const { round, last } = context.df.getInput();
  context.df.setCustomStatus({ round });
  yield context.df.callActivity('note', `round/${round}`);
  if (round >= last) return round;
  context.df.continueAsNew({ round: round + 1, last });
});

/** Collects events `E` until one says so. */
orchestration('collect', function* (context) {
  const collected = [];
  for (;;) {
    const event = yield context.df.waitForExternalEvent('E');
    if (event === 'stop') return collected;
    collected.push(event);
  }
});

/** A bit of everything. */
orchestration('medley', function* (context) {
  const first = yield context.df.callActivity('note', 'medley/first');
  const lanes = yield context.df.Task.all(
    ['a', 'b'].map((lane) =>
      context.df.callSubOrchestrator('chain', { id: lane, steps: 2 }, `${context.df.instanceId}-${lane}`),
    ),
  );
  const retried = yield context.df.callActivityWithRetry('note', new df.RetryOptions(1000, 3), 'medley/retried');
  const event = yield context.df.waitForExternalEvent('go');
  yield context.df.createTimer(seconds(context, 5));
  let failure = 'none';
  try {
    yield context.df.callActivity('fails', null);
  } catch (error) {
    failure = error.message.split(' \n ')[0];
  }
  const rounds = yield context.df.callSubOrchestrator(
    'rounds',
    { round: 0, last: 2 },
    `${context.df.instanceId}-rounds`,
  );
  return { first, lanes, retried, event, failure, rounds };
});

orchestration('large', function* (context) {
  const { length, letter } = context.df.getInput();
  const text = yield context.df.callActivity('text', { length, letter });
  const echoed = yield context.df.waitForExternalEvent('text');
  const counted = yield context.df.callActivity('length', text);
  return { counted, same: echoed === text, text };
});

orchestration('gated', function* (context) {
  return yield context.df.callActivity('gate', context.df.getInput());
});

orchestration('sleeper', function* (context) {
  yield context.df.createTimer(seconds(context, context.df.getInput()));
  return 'awake';
});

orchestration('entityCaller', function* (context) {
  return yield context.df.callEntity(new df.EntityId('counter', 'c'), 'get');
});

orchestration('asksForMissing', function* (context) {
  return yield context.df.callActivity('missing', null);
});

orchestration('parentOf', function* (context) {
  try {
    return yield context.df.callSubOrchestrator('sleeper', 1000, `${context.df.instanceId}-child`);
  } catch (error) {
    return { caught: error.message };
  }
});
