import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const script = resolve(import.meta.dirname, '..', '..', '..', '.ci', 'modules.mjs');
const FOLDERS = ['bench', 'local', 'functions', 'orchestrations', 'shared'];

let root = '';
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** What the check says of a tree that holds one file. */
function check(path: string, code: string): { readonly status: number | null; readonly says: string } {
  root = mkdtempSync(join(tmpdir(), 'spillway-modules-'));
  for (const folder of FOLDERS) mkdirSync(join(root, folder));
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), `${code}\n`);
  const { status, stderr } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
  return { status, says: stderr };
}

describe('the order of modules', () => {
  it('refuses an import that runs up, and names it', () => {
    const { status, says } = check('shared/records/a.ts', "import { b } from '../cascade/b.ts';");
    expect(status).toBe(1);
    expect(says).toContain('shared/records/a.ts imports shared/cascade/b.ts: shared/records -> shared/cascade runs up');
  });

  it('refuses an import between modules of one floor', () => {
    expect(check('shared/customers/a.ts', "import type { b } from '../cascade/b.ts';").status).toBe(1);
  });

  it('refuses a module that has no place in it', () => {
    expect(check('shared/helpers/a.ts', 'export const a = 1;').says).toContain('no place in the order');
  });

  it('allows an import that runs down, over floors too, and any within a module', () => {
    const code = "import { b } from '../storage/b.ts';\nimport { c } from './jobs/c.ts';";
    expect(check('shared/cascade/a.ts', code)).toEqual({ status: 0, says: '' });
  });
});
