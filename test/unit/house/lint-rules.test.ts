import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const biome = join(dirname(createRequire(import.meta.url).resolve('@biomejs/biome/package.json')), 'bin', 'biome');

/** What the linter says of a line of code if it stood in this file. */
function lint(path: string, code: string): string {
  const args = [biome, 'lint', `--stdin-file-path=${path}`];
  const { stdout, stderr } = spawnSync(process.execPath, args, { input: `${code}\n`, encoding: 'utf8' });
  return stdout + stderr;
}

const ORCHESTRATOR = 'orchestrations/example/example.ts';

describe('E6 the linter keeps orchestrators deterministic', () => {
  it.each([
    ['Date.now();', 'currentUtcDateTime'],
    ['export const a = new Date();', 'currentUtcDateTime'],
    ['export const a = Math.random();', 'activity'],
    ["import { readFileSync } from 'node:fs';\nreadFileSync('x');", 'no I/O'],
    ['export async function a() { await 1; }', 'promises'],
    ['setTimeout(() => 1, 5);', 'durable timer'],
    ['export const a = process.env.X;', 'between replays'],
    ["context.df.callActivity('a', 1);", 'yield'],
    ['callActivity(context, ref, 1);', 'yield\\*'],
    ["import { a } from '../../functions/main.ts';\na();", 'neither triggers'],
  ])('refuses %s', (code, reason) => expect(lint(ORCHESTRATOR, code)).toMatch(reason));

  it.each([['export const a = new Date(5);'], ["export function* a() { yield context.df.callActivity('a', 1); }"]])(
    'takes %s',
    (code) => expect(lint(ORCHESTRATOR, code)).not.toContain('plugin'),
  );

  it('lets activities do what orchestrators must not', () => {
    expect(lint('orchestrations/example/example-activities.ts', 'export const a = Date.now();')).not.toContain(
      'plugin',
    );
  });
});

describe('E5 the linter keeps writes conditioned and layers apart', () => {
  it.each([
    ['shared/example.ts', "write({ row, etag: '*' });", 'overwrites'],
    ['shared/example.ts', "import { a } from '../local/clock.ts';\na();", 'knows none'],
    ['shared/example.ts', "import { a } from '../orchestrations/activity.ts';\na();", 'knows none'],
    ['functions/example.ts', "import { a } from '../local/clock.ts';\na();", 'knows none'],
  ])('refuses in %s: %s', (path, code, reason) => expect(lint(path, code)).toMatch(reason));
});
