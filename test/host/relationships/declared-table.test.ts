/** What declaring a table and a relationship takes: a line each in the catalogue, and nothing else. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callHost } from '../../support/host-call.ts';
import { eventually, PROJECT_PATH, type SpawnedHost, spawnLocalHost } from '../../support/local-host.ts';

let folder: string;
let host: SpawnedHost;
let token: string;

/** A copy of the compiled app, with a line more in each of the two files of the catalogue. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spillway-catalogue-'));
  mkdirSync(join(folder, 'dist'));
  for (const part of ['functions', 'orchestrations', 'shared']) {
    cpSync(join(PROJECT_PATH, 'dist', part), join(folder, 'dist', part), { recursive: true });
  }
  for (const file of ['package.json', 'host.json']) cpSync(join(PROJECT_PATH, file), join(folder, file));
  symlinkSync(realpathSync(join(PROJECT_PATH, 'node_modules')), join(folder, 'node_modules'));
  insert('tables.js', /\n(?=\s*quote: \{)/, '\nvisit: { place: text({ required: true, searched: true }) },\n');
  insert(
    'relationships.js',
    /RELATIONSHIPS = \[/,
    "RELATIONSHIPS = [related('account', 'visit', 'visits', PART_OF_CUSTOMER),",
  );
  host = await spawnLocalHost({ projectPath: folder });
  token = await host.token('--role', 'Administrator');
});
afterAll(async () => {
  await host?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function insert(file: string, place: RegExp, text: string): void {
  const path = join(folder, 'dist', 'shared', 'catalogue', file);
  const source = readFileSync(path, 'utf8');
  if (!place.test(source)) throw new Error(`${file} has no such place`);
  writeFileSync(path, source.replace(place, text));
}

function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  return callHost<Record<string, unknown> & { items: object[] }>(host, token, method, path, body, headers);
}

describe('C1 another table and relationship, declared in one place', () => {
  it('are served, searched, cascaded and configured like the others', async () => {
    await call('PUT', '/users/kim', { name: 'kim', enabled: true, roles: ['Administrator'] });
    const account = String((await call('POST', '/tables/account', { name: 'Contoso' })).body.id);
    const lookups = { account_visits: account };
    const made = await call('POST', '/tables/visit', { place: 'Oslo harbour', lookups });
    expect(made).toMatchObject({ status: 201, body: { table: 'visit', place: 'Oslo harbour', lookups } });
    const visit = String(made.body.id);
    expect(await call('POST', '/tables/visit', { mood: 'good' })).toMatchObject({ status: 400 });
    expect((await call('GET', '/tables/visit?search=harb')).body.items).toMatchObject([{ id: visit }]);
    expect((await call('GET', `/tables/account/${account}/related/account_visits`)).body.items).toHaveLength(1);

    const preview = await call('POST', `/tables/account/${account}/preview`, { action: 'assign', ownerId: 'kim' });
    expect(preview.body).toMatchObject({ total: 2, byRelationship: { account_visits: 1 } });
    await call('POST', `/tables/account/${account}/assign`, { ownerId: 'kim', mode: 'async' });
    await eventually(async () => {
      const { body } = await call('GET', `/tables/visit/${visit}`);
      return body.ownerId === 'kim' ? body : undefined;
    });

    const put = await call('PUT', '/relationships/account_visits', { preset: 'Referential' }, { 'if-match': '"1"' });
    expect(put).toMatchObject({ status: 200, body: { type: 'Referential', parent: 'account', child: 'visit' } });
    const after = await call('POST', `/tables/account/${account}/preview`, { action: 'assign', ownerId: 'admin' });
    expect(after.body).toMatchObject({ total: 1 });
  });
});
