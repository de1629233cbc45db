import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const biome = join(dirname(createRequire(import.meta.url).resolve('@biomejs/biome/package.json')), 'bin', 'biome');
const projectPath = resolve(import.meta.dirname, '..', '..', '..');
const ORCHESTRATORS = 'orchestrations/example';

interface Case {
  readonly folder: string;
  readonly code: string;
  /** What the linter says of it; undefined: nothing. */
  readonly says: string | undefined;
}

const CASES: readonly Case[] = [
  { folder: ORCHESTRATORS, code: 'Date.now();', says: 'currentUtcDateTime' },
  { folder: ORCHESTRATORS, code: 'export const a = new Date();', says: 'currentUtcDateTime' },
  { folder: ORCHESTRATORS, code: 'export const a = Math.random();', says: 'let an activity draw it' },
  { folder: ORCHESTRATORS, code: "import { readFileSync } from 'node:fs';\nreadFileSync('x');", says: 'does no I/O' },
  { folder: ORCHESTRATORS, code: 'export async function a() { await b(); }', says: "can't wait for promises" },
  { folder: ORCHESTRATORS, code: 'setTimeout(() => 1, 5);', says: 'durable timer' },
  { folder: ORCHESTRATORS, code: 'export const a = process.env.X;', says: 'between replays' },
  { folder: ORCHESTRATORS, code: "context.df.callActivity('a', 1);", says: 'nobody yields' },
  { folder: ORCHESTRATORS, code: 'callActivity(context, ref, 1);', says: 'Use yield*' },
  { folder: ORCHESTRATORS, code: 'callActivityOnce(context, ref, 1);', says: 'Use yield*' },
  { folder: ORCHESTRATORS, code: 'callPersistently(context, ref, 1);', says: 'Use yield*' },
  {
    folder: ORCHESTRATORS,
    code: "import { a } from '../../local/clock.ts';\na();",
    says: 'neither triggers nor hosts',
  },
  { folder: ORCHESTRATORS, code: 'export const a = new Date(5);', says: undefined },
  { folder: ORCHESTRATORS, code: "export function* a() { yield context.df.callActivity('a', 1); }", says: undefined },
  { folder: 'shared', code: 'export const a = Date.now();', says: undefined },
  { folder: 'shared', code: "write({ row, etag: '*' });", says: 'overwrites what you' },
  { folder: 'shared', code: "import { a } from '../local/clock.ts';\na();", says: 'knows none of them' },
  { folder: 'shared', code: "import { a } from '../orchestrations/activity.ts';\na();", says: 'knows none of them' },
  { folder: 'functions', code: "import { a } from '../local/clock.ts';\na();", says: 'runs on any host' },
];

let folder: string;
let report: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spillway-lint-'));
  for (const name of ['biome.json', '.biome']) cpSync(join(projectPath, name), join(folder, name), { recursive: true });
  for (const [at, { folder: place, code }] of CASES.entries()) {
    mkdirSync(join(folder, place), { recursive: true });
    writeFileSync(join(folder, place, `case-${at}.ts`), `${code}\n`);
  }
  const args = [biome, 'lint', '--vcs-enabled=false', '--reporter=github', '--max-diagnostics=none'];
  report = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }).stdout;
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('E5 E6 the linter keeps orchestrators deterministic, layers apart, and writes conditioned', () => {
  it.each(CASES.map((each, at) => ({ ...each, at })))('in $folder: $code', ({ at, says }) => {
    const lines = report.split('\n').filter((line) => line.includes(`case-${at}.ts`));
    const own = lines.filter((line) => /plugin|noRestrictedImports/.test(line));
    if (says === undefined) expect(own).toEqual([]);
    else expect(own.join('\n')).toContain(says);
  });
});
