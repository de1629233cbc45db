import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadStoragePolicies } from '../../../shared/config/storage-hook.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spillway-hook-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function hook(name: string, source: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, source);
  return path;
}

describe('the storage hook', () => {
  it('gives no steps when none is named', async () => {
    expect(await loadStoragePolicies(undefined)).toEqual([]);
  });

  it('gives the steps that the named module exports', async () => {
    const path = await hook(
      'good.mjs',
      'export const policies = [{ name: "cut", sendRequest: (r, next) => next(r) }];',
    );
    expect(await loadStoragePolicies(path)).toMatchObject([{ name: 'cut' }]);
  });

  it('refuses a module without steps', async () => {
    await expect(loadStoragePolicies(await hook('none.mjs', 'export const other = 1;'))).rejects.toThrow('policies');
    const path = await hook('wrong.mjs', 'export const policies = [null];');
    await expect(loadStoragePolicies(path)).rejects.toThrow('policies');
  });
});
