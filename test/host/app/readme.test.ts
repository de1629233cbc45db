import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_PATH, type SpawnedHost, spawnLocalHost } from '../../support/local-host.ts';
import { readText, shellBlocks } from '../../unit/house/documents.ts';

const DEFAULT_ADDRESS = 'localhost:7071';
const LIMIT_MS = 60_000;

let host: SpawnedHost;
beforeAll(async () => {
  host = await spawnLocalHost({ args: [] });
});
afterAll(() => host.dispose());

/** What a shell prints that reads these lines as they would be pasted into it. */
function paste(lines: string): Promise<string> {
  // dist/ is what the host runs on: the commands' own builds are left out.
  const env = { ...process.env, SPILLWAY_DATA: host.folder.path, npm_config_ignore_scripts: 'true' };
  return new Promise((resolve, reject) => {
    const shell = execFile('bash', { cwd: PROJECT_PATH, env, timeout: LIMIT_MS }, (error, stdout, stderr) =>
      error || stderr ? reject(new Error(`${stdout}\n${stderr}`, { cause: error })) : resolve(stdout),
    );
    shell.stdin?.end(lines);
  });
}

describe('A6 A7 C4 C17 C20 "Try it" in README.md, pasted into a shell', () => {
  it('makes a customer that gets its number, and gives an account to another user and back', async () => {
    const blocks = shellBlocks(readText('README.md'), 'Try it');
    expect(blocks.length).toBeGreaterThan(1);
    const lines = blocks.join('').replaceAll(DEFAULT_ADDRESS, new URL(host.url).host);
    const printed = (await paste(lines)).trimEnd().split('\n');
    const json = (at: number): unknown => JSON.parse(printed[at] ?? '');
    expect(printed.slice(0, 4)).toEqual(['Pending sync', 'Completed', 'Completed', 'Completed']);
    expect(json(4)).toMatchObject({ accountNumber: expect.stringMatching(/^C\d+$/), syncStatus: 'Synchronized' });
    expect(json(5)).toMatchObject({ items: [{ status: 'Failed', lastError: expect.stringContaining('EURO') }] });
    expect(json(6)).toMatchObject({ total: expect.any(Number), blockers: [], missingPrivileges: [] });
    expect(printed[7]).toBe('Completed');
    expect(json(8)).toMatchObject({ label: 'Completed', legalCommands: ['undo'] });
    expect(printed.slice(9)).toEqual(['kim', 'Completed', 'alex']);
  });
});
