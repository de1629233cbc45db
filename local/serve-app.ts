import type { Clock } from './clock.ts';
import { createDurableHost, type DurableHost, type DurableHostOptions } from './durable/durable-host.ts';
import { findEntryPoints } from './entry-points.ts';
import type { FunctionApp, RegisteredFunction } from './functions-core/function-app.ts';
import { loadFunctionApp } from './functions-core/load.ts';
import { findSwitchedOff } from './functions-core/switched-off.ts';
import { inputByHand } from './http/admin-api.ts';
import type { HttpHost } from './http/http-host.ts';
import { createRouter } from './http/router.ts';
import { createInvocations, type Invocations } from './invocations.ts';
import type { Log } from './log.ts';
import { createQueueTriggers, isQueueTrigger } from './service-bus/queue-trigger.ts';
import type { HostJson } from './settings.ts';
import type { TakeDown } from './take-down.ts';
import { createTimerHost, type TimerHost } from './timers/timer-host.ts';
import { createTimerStateTable } from './timers/timer-state-store.ts';

/** How long a stopping host waits for functions that are still running, and then for activities. */
const DRAIN_LIMIT_MS = 30_000;

/** Triggers that the host serves by itself. */
const SERVED = /^(?:http|timer|orchestration|activity|entity)Trigger$/i;

/** What the app is served with. */
export interface ServeAppParts {
  readonly projectPath: string;
  readonly hostJson: HostJson;
  readonly http: HttpHost;
  /** Such as `http://127.0.0.1:7071`. */
  readonly url: string;
  readonly connectionString: string;
  /** The app's environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly log: Log;
  readonly say: (sentence: string) => void;
}

/**
 * Loads the app and serves its functions: durable ones first, then HTTP, then timers and queues.
 *
 * @param down receives how to stop it.
 * @returns what settles when the durable engine can't go on.
 */
export async function serveApp(parts: ServeAppParts, down: TakeDown[]): Promise<{ readonly stopped: Promise<Error> }> {
  const { http, hostJson, connectionString, clock, log, say, env } = parts;
  const app = await loadFunctionApp({ entryPoints: findEntryPoints(parts.projectPath), log });
  const switchedOff = findSwitchedOff(app.functions.values(), env);
  const served = new Map([...app.functions].filter(([, fn]) => !switchedOff.has(fn)));
  for (const { name } of switchedOff)
    log({ level: 'information', message: 'A setting has it switched off.', function: name });
  tellUnserved(served.values(), log);

  let onStopped: DurableHostOptions['onStopped'];
  const stopped = new Promise<Error>((resolve) => {
    onStopped = (error) => resolve(new Error(`The durable engine has stopped: ${String(error)}`));
  });
  const durable = createDurableHost({
    app: { ...app, functions: served },
    connectionString,
    taskHubName: hostJson.hubName,
    baseUrl: parts.url,
    clock,
    log,
    limits: {
      maxConcurrentActivities: hostJson.maxConcurrentActivityFunctions,
      maxConcurrentOrchestrators: hostJson.maxConcurrentOrchestratorFunctions,
    },
    onStopped: (error) => onStopped?.(error),
  });
  await durable.start();
  down.push(() => durable.drain(DRAIN_LIMIT_MS));

  const invocations = createInvocations({ app, log, durableClient: { string: durable.clientBinding() } });
  const store = await createTimerStateTable(connectionString);
  const timers = createTimerHost({ functions: served.values(), settings: env, store, clock, log, invocations });
  const queues = createQueueTriggers({ functions: served.values(), settings: env, log, invocations });
  down.push(async () => {
    http.stopAccepting();
    const stopped = Promise.all([timers.stop(), queues.stop()]);
    if (await invocations.settled(DRAIN_LIMIT_MS)) await stopped;
    else say('Some functions are still running; they are cut off.');
  });
  serveHttp(parts, { app, served, switchedOff, durable, invocations, timers });
  await timers.start();
  queues.start();
  return { stopped };
}

function serveHttp(
  { http, hostJson, projectPath, log }: ServeAppParts,
  parts: {
    readonly app: FunctionApp;
    readonly served: ReadonlyMap<string, RegisteredFunction>;
    readonly switchedOff: ReadonlySet<RegisteredFunction>;
    readonly durable: DurableHost;
    readonly invocations: Invocations;
    readonly timers: TimerHost;
  },
): void {
  const { app, durable, invocations, timers } = parts;
  const router = createRouter(parts.served.values(), hostJson.routePrefix);
  for (const problem of router.problems) log(problem);
  http.serve({
    router,
    invocations,
    handleDurable: (request) => durable.handle({ ...request, url: new URL(request.url) }),
    admin: {
      functions: () => app.functions,
      isSwitchedOff: (fn) => parts.switchedOff.has(fn),
      routePrefix: hostJson.routePrefix,
      projectPath,
      runByHand: (fn, input) => {
        void invocations.run(fn, timers.inputByHand(fn) ?? inputByHand(input)).catch(() => {});
      },
    },
  });
}

function tellUnserved(functions: Iterable<RegisteredFunction>, log: Log): void {
  for (const fn of functions) {
    const { name, trigger } = fn;
    if (SERVED.test(trigger.binding.type) || isQueueTrigger(fn)) continue;
    const message = `A ${trigger.binding.type} isn't served here; POST /admin/functions/${name} runs it.`;
    log({ level: 'information', message, function: name });
  }
}
