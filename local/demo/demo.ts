/**
 * `npm run demo`: plays the story's acts in a terminal, on ports and data of its own, and ends by itself. With the name of an
 * act (`npm run demo -- assign`) it plays that one alone.
 */
import { join, resolve } from 'node:path';
import { HelpWanted, UsageError } from '../args.ts';
import { runCommand } from '../command.ts';
import { HostFaults } from '../faults/host-faults.ts';
import { type HostProcess, spawnHost } from '../host-process.ts';
import type { AssignStoryHost } from './assign-scene.ts';
import { playAssignStory } from './assign-story.ts';
import { playStory } from './customer-story.ts';
import { playFaqStory } from './faq-story.ts';
import { playPluginStory } from './plugin-story.ts';

const CUSTOMERS = 170;
const CONTACTS = 3_000;
const TOKEN_SECONDS = 3600;

const tell = (sentence: string) => console.log(sentence);

/** The acts in their order. */
const ACTS: Readonly<Record<string, (host: AssignStoryHost) => Promise<void>>> = {
  customers: (host) => playStory({ customers: CUSTOMERS, host, tell, progress }),
  questions: (host) => playFaqStory({ host, tell }),
  assign: (host) => playAssignStory({ contacts: CONTACTS, host, tell }),
  plugins: (host) => playPluginStory({ host, tell }),
};

/** A spawned host as the story sees it. */
function storyHost(host: HostProcess, faults: HostFaults): AssignStoryHost {
  return {
    url: host.url,
    token: (role, channel) =>
      host.token({ role, subject: channel ? `channel:${channel}` : 'admin', channel, lifetimeSeconds: TOKEN_SECONDS }),
    userToken: (user) =>
      host.token({ role: 'User', subject: user, channel: undefined, lifetimeSeconds: TOKEN_SECONDS }),
    faults,
    async killAndRestart() {
      await host.kill9();
      await host.restart();
    },
  };
}

/** Shows a count on one line of the terminal, or every hundredth step where the output is no terminal. */
function progress(what: string, done: number, total: number): void {
  if (process.stdout.isTTY) process.stdout.write(`\r  ${what}: ${done} of ${total}${done === total ? '\n' : ''}`);
  else if (done % 100 === 0 || done === total) console.log(`  ${what}: ${done} of ${total}`);
}

/** The acts that were asked for: all, or the one that is named. */
function actsOf([name, ...more]: readonly string[]): (typeof ACTS)[string][] {
  if (name === undefined) return Object.values(ACTS);
  const act = ACTS[name];
  if (act && more.length === 0) return [act];
  const wanted = `npm run demo [-- ${Object.keys(ACTS).join('|')}]`;
  if (name === '--help') throw new HelpWanted(wanted);
  throw new UsageError(`"${[name, ...more].join(' ')}" is no act. ${wanted}`);
}

await runCommand(async () => {
  const acts = actsOf(process.argv.slice(2));
  const projectPath = process.cwd();
  console.log('Starting a host of its own …');
  const script = join(resolve(import.meta.dirname, '..'), 'start.js');
  const faults = new HostFaults(resolve(import.meta.dirname, '..', '..'));
  const host = await spawnHost({ script, projectPath, args: ['--no-demo'], env: { ...process.env, ...faults.env } });
  const stop = () => void host.dispose().finally(() => process.exit(130));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    for (const play of acts) await play(storyHost(host, faults));
  } catch (error) {
    console.error(host.output().split('\n').slice(-40).join('\n'));
    throw error;
  } finally {
    faults.end();
    await host.dispose();
  }
});
