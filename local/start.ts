/** `npm start`: runs the local host until Ctrl-C. */

import { parseStartArgs, ROLES, type Role } from './args.ts';
import { runCommand } from './command.ts';
import { seedDemoData } from './demo/demo-data.ts';
import { type LocalHost, startLocalHost } from './local-host.ts';
import { consoleLog, LOG_LEVELS } from './log.ts';
import { mintToken } from './mint-token.ts';
import { readHostJson } from './settings.ts';
import { onParentEnd, onStopSignals } from './signals.ts';
import { WELCOME_CHANNEL, WELCOME_USER, welcomeText } from './welcome.ts';

const TOKEN_SECONDS = 8 * 3600;

const say = (sentence: string) => console.log(sentence);

await runCommand(async () => {
  const { demo } = parseStartArgs(process.argv.slice(2));
  const projectPath = process.cwd();
  const level = LOG_LEVELS.find((name) => name === readHostJson(projectPath).logLevel?.toLowerCase());
  const log = consoleLog(level);
  process.on('unhandledRejection', (reason) => {
    const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
    log({ level: 'critical', message: `A promise was rejected and nobody handled it: ${text}` });
  });

  let host: LocalHost | undefined;
  let isStopping = false;
  const starting = startLocalHost({ projectPath, env: process.env, demo, log, say });
  const stop = async () => {
    isStopping = true;
    say('Stopping: what is under way is ended first (Ctrl-C again quits at once) …');
    host ??= await starting;
    await host.stop();
    say('Stopped.');
    process.exit();
  };
  const fail = (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  };
  const stopOnce = () => {
    if (!isStopping) void stop().catch(fail);
  };
  onStopSignals(stopOnce, () => process.exit(130));
  if (process.env.npm_lifecycle_event !== undefined) onParentEnd(stopOnce);
  process.on('exit', () => host?.quit());
  host = await starting;
  void host.failed.then((error) => {
    if (!isStopping) fail(error);
  });
  const tokens = await mintTokens(host);
  if (demo && !isStopping) {
    say('Bringing in the demo data …');
    await seedDemoData(host.url, tokens.Administrator).catch((error: unknown) => {
      log({ level: 'error', message: `The demo data is incomplete: ${String(error)}` });
    });
  }
  if (!isStopping) say(welcomeText(host.url, tokens, demo));
});

async function mintTokens({ key, env }: LocalHost): Promise<Record<Role, string>> {
  const auth = { AUTH_ISSUER: env.AUTH_ISSUER ?? '', AUTH_AUDIENCE: env.AUTH_AUDIENCE ?? '' };
  const subjects = { Administrator: 'admin', User: WELCOME_USER, Channel: `channel:${WELCOME_CHANNEL}` };
  const pairs = ROLES.map(async (role) => {
    const channel = role === 'Channel' ? WELCOME_CHANNEL : undefined;
    const request = { role, subject: subjects[role], channel, lifetimeSeconds: TOKEN_SECONDS };
    return [role, await mintToken(request, key, auth, Date.now())] as const;
  });
  return Object.fromEntries(await Promise.all(pairs)) as Record<Role, string>;
}
