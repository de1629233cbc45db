import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appEnvironment } from '../../../local/app-environment.ts';
import { findEntryPoints } from '../../../local/entry-points.ts';
import { readHostJson, withLocalSettings } from '../../../local/settings.ts';

const PROJECT_PATH = resolve(import.meta.dirname, '..', '..', '..');

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'spillway-settings-'));
});
afterEach(() => rmSync(project, { recursive: true }));

const write = (name: string, value: unknown) =>
  writeFileSync(join(project, name), typeof value === 'string' ? value : JSON.stringify(value));

describe('local settings', () => {
  it('become environment variables, and existing ones win', () => {
    write('local.settings.json', { Values: { A: 'file', B: 'file', N: 5 } });
    expect(withLocalSettings(project, { A: 'env' })).toEqual({ A: 'env', B: 'file', N: '5' });
  });

  it("are the sample's when there is no local.settings.json, and only then", () => {
    write('local.settings.sample.json', { Values: { S: 'sample' } });
    expect(withLocalSettings(project, {})).toEqual({ S: 'sample' });
    write('local.settings.json', '\uFEFF{"Values":{"A":"file"}}');
    expect(withLocalSettings(project, {})).toEqual({ A: 'file' });
  });

  it('that are not JSON are refused by name', () => {
    write('local.settings.json', '{');
    expect(() => withLocalSettings(project, {})).toThrow('local.settings.json');
  });

  it('give the app this host’s storage and key, and leave other token settings alone', () => {
    const options = {
      connectionString: 'c',
      hostName: 'h',
      key: { privateJwk: {}, publicKeySet: '{"keys":[]}' },
      demo: false,
    };
    expect(appEnvironment({ AzureWebJobsStorage: 'UseDevelopmentStorage=true' }, options)).toMatchObject({
      AzureWebJobsStorage: 'c',
      AUTH_JWKS: '{"keys":[]}',
      SPILLWAY_TIMERS_ENABLED: 'false',
    });
    const own = { AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a', AUTH_JWKS: 'https://keys' };
    expect(appEnvironment(own, { ...options, demo: true })).toMatchObject(own);
    expect(appEnvironment({}, { ...options, demo: true })).not.toHaveProperty('SPILLWAY_TIMERS_ENABLED');
  });
});

describe('host.json', () => {
  it("has the Functions host's defaults where it says nothing", () => {
    expect(readHostJson(project)).toMatchObject({ routePrefix: 'api', hubName: 'TestHubName' });
  });

  it('sets the route prefix, an empty one included, and the task hub', () => {
    write('host.json', { version: '2.0', extensions: { http: { routePrefix: '' }, durableTask: { hubName: 'mine' } } });
    expect(readHostJson(project)).toMatchObject({ routePrefix: '', hubName: 'mine' });
  });

  it('of this project lets a job go on a minute after a crash, looks for work each second, and logs no storage request', () => {
    const { logging, extensions } = JSON.parse(readFileSync(join(PROJECT_PATH, 'host.json'), 'utf8'));
    expect(readHostJson(PROJECT_PATH)).toMatchObject({ routePrefix: 'api', hubName: 'spillway' });
    expect(extensions.durableTask.storageProvider).toEqual({
      type: 'azureStorage',
      controlQueueVisibilityTimeout: '00:01:00',
      workItemQueueVisibilityTimeout: '00:01:00',
      maxQueuePollingInterval: '00:00:01',
    });
    expect(logging.logLevel).toMatchObject({ 'Azure.Core': 'Warning', 'DurableTask.Core': 'Warning' });
  });

  it.each([
    { controlQueueVisibilityTimeout: '00:00:30' },
    { controlQueueVisibilityTimeout: '01:00:01' },
    { controlQueueVisibilityTimeout: '60' },
    { workItemQueueVisibilityTimeout: 'soon' },
    { maxQueuePollingInterval: '00:00:00' },
    { partitionCount: 17 },
  ])('with %j is refused, as on the Functions host (E6)', (storageProvider) => {
    write('host.json', { extensions: { durableTask: { storageProvider } } });
    expect(() => readHostJson(project)).toThrow(Object.keys(storageProvider)[0]);
  });

  it('with a wrong type is refused by name', () => {
    write('host.json', { extensions: { http: { routePrefix: 5 } } });
    expect(() => readHostJson(project)).toThrow('host.json');
  });
});

describe("package.json's main", () => {
  it.each([
    ['dist/main.js', ['dist/main.js']],
    ['dist/*.js', ['dist/main.js', 'dist/other.js']],
    ['dist/**/*.js', ['dist/main.js', 'dist/other.js', 'dist/sub/deep.js']],
    ['dist/{main,sub/deep}.js', ['dist/main.js', 'dist/sub/deep.js']],
    ['./dist/sub/?eep.js', ['dist/sub/deep.js']],
  ])('%s names %j', (main, expected) => {
    write('package.json', { main });
    mkdirSync(join(project, 'dist/sub'), { recursive: true });
    for (const file of ['dist/main.js', 'dist/other.js', 'dist/main.js.map', 'dist/sub/deep.js']) write(file, '');
    expect(findEntryPoints(project)).toEqual(expected.map((path) => join(project, path)));
  });

  it('that names nothing asks whether the app was built', () => {
    write('package.json', { main: 'dist/*.js' });
    expect(() => findEntryPoints(project)).toThrow('Was the app built?');
  });
});
