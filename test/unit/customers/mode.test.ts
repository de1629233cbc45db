import { describe, expect, it } from 'vitest';
import {
  type ChannelConfiguration,
  CONFIGURATION_JOBS,
  type ConfigurationJobName,
  configurationOf,
  type HqConfiguration,
  NOTHING_DOWNLOADED,
  noteDownload,
} from '../../../shared/customers/configuration/channel-configuration.ts';
import {
  FEATURE_KEYS,
  type FeatureKey,
  NO_FEATURES,
  switchFeature,
} from '../../../shared/customers/configuration/feature.ts';
import { type AskedOperation, decideMode } from '../../../shared/customers/configuration/mode.ts';

const ON = '2026-03-01T10:00:00.000Z';
const NOW_MS = Date.parse(ON);

/** Headquarters with these features on, switched in this order, and this profile. */
function hqWith(features: readonly FeatureKey[], profile = true, profileChangedIn = 1): HqConfiguration {
  const set = features.reduce((so, key) => switchFeature(so, key, { enabled: true, by: 'a', on: ON }), NO_FEATURES);
  return configurationOf(set, {
    ...{ id: 'pos', name: 'pos', kind: 'POS', profile: { createCustomerInAsyncMode: profile } },
    ...{ version: profileChangedIn, profileChangedIn },
  });
}

function downloaded(
  copy: HqConfiguration,
  jobs: readonly ConfigurationJobName[] = CONFIGURATION_JOBS,
  before: ChannelConfiguration = NOTHING_DOWNLOADED,
): ChannelConfiguration {
  return jobs.reduce((so, job) => noteDownload(so, job, { on: ON, copy }), before);
}

function decide(operations: readonly AskedOperation[], hq: HqConfiguration, database: ChannelConfiguration) {
  const served = { ...database, asOf: undefined };
  return decideMode(operations, { channel: 'pos', served, database, hq, nowMs: NOW_MS });
}

const op = (operation: string, body: AskedOperation['body'] = {}): AskedOperation => ({ operation, body });
const CREATE = [op('createCustomer', { name: 'Ann' })];
const TITLED = [op('createCustomer', { name: 'Ann', title: 'Dr' })];
const WITH_ADDRESS = [...CREATE, op('createAddress', { street: 'Ring' })];
const WITH_CONTACT = [...CREATE, op('setContact')];
const WITH_AFFILIATION = [...CREATE, op('setAffiliation')];
const EDITS = ['editCustomer', 'editAddress', 'deactivateAddress', 'setContact', 'removeContact', 'setAffiliation'];
const ALL_KEYS = FEATURE_KEYS;
const without = (key: FeatureKey) => ALL_KEYS.filter((each) => each !== key && each !== 'editCustomersAsync');

describe('A4 what makes which operation asynchronous', () => {
  it.each([
    ['a plain creation, no feature at all', CREATE, []],
    ['a creation whose title is empty', [op('createCustomer', { title: null })], []],
    ['a title, with enhanced creation', TITLED, ['enhancedAsyncCreation']],
    ['contacts at creation, with enhanced creation', WITH_CONTACT, ['enhancedAsyncCreation']],
    ['affiliations at creation, with enhanced creation', WITH_AFFILIATION, ['enhancedAsyncCreation']],
    ['addresses at creation, with the address feature', WITH_ADDRESS, ['asyncAddressCreation']],
    ['a new address, with the address feature', [op('createAddress')], ['asyncAddressCreation']],
    ...EDITS.map((name) => [`${name}, with the edit feature`, [op(name)], ALL_KEYS] as const),
  ] as readonly [string, AskedOperation[], FeatureKey[]][])('is for %s', (_what, operations, features) => {
    const hq = hqWith(features);
    expect(decide(operations, hq, downloaded(hq))).toEqual({ mode: 'Async' });
  });

  it.each([
    ['a title', TITLED, without('enhancedAsyncCreation'), 'Enable enhanced async customer creation'],
    ['contacts at creation', WITH_CONTACT, without('enhancedAsyncCreation'), 'Enable enhanced async customer creation'],
    ['addresses at creation', WITH_ADDRESS, without('asyncAddressCreation'), 'Enable asynchronous creation for'],
    ['a new address', [op('createAddress')], without('asyncAddressCreation'), 'Enable asynchronous creation for'],
    ...EDITS.map(
      (n) => [n, [op(n)], without('editCustomersAsync'), 'Enable editing customers in asynchronous'] as const,
    ),
  ] as readonly [string, AskedOperation[], FeatureKey[], string][])(
    'makes %s real-time while its feature is off, and names the feature',
    (_what, operations, features, name) => {
      const hq = hqWith(features);
      const decided = decide(operations, hq, downloaded(hq));
      expect(decided).toMatchObject({ mode: 'RealTime', missingJobs: [], reason: expect.stringContaining(name) });
    },
  );

  it('makes a creation real-time while the profile says no, whatever is on', () => {
    const hq = hqWith(ALL_KEYS, false);
    expect(decide(CREATE, hq, downloaded(hq))).toMatchObject({
      ...{ mode: 'RealTime', reason: expect.stringContaining('Create customer in async mode'), missingJobs: [] },
    });
    expect(decide([op('editCustomer')], hq, downloaded(hq))).toEqual({ mode: 'Async' });
  });
});

describe('A2 features and profile reach a channel by 1110, 1010 and 1070 alone', () => {
  const hq = hqWith(ALL_KEYS);
  const subsets = Array.from({ length: 8 }, (_, bits) => CONFIGURATION_JOBS.filter((_job, at) => bits & (1 << at)));

  it.each(subsets.map((jobs) => [jobs]))('with %j run, the others are named as missing', (jobs) => {
    const missing = CONFIGURATION_JOBS.filter((job) => !jobs.includes(job));
    for (const operations of [CREATE, TITLED, WITH_ADDRESS, [op('editCustomer')]]) {
      const expected = missing.length === 0 ? { mode: 'Async' } : { mode: 'RealTime', missingJobs: missing };
      expect(decide(operations, hq, downloaded(hq, jobs))).toMatchObject(expected);
    }
  });

  it('what ran before the change does not count, and what the change is not about goes on as it was', () => {
    const before = hqWith(without('editCustomersAsync'));
    const database = downloaded(before);
    expect(decide([op('editCustomer')], hq, database)).toMatchObject({ missingJobs: CONFIGURATION_JOBS });
    expect(decide(TITLED, hq, database)).toEqual({ mode: 'Async' });
    const two = downloaded(hq, ['1010', '1070'], database);
    expect(decide([op('editCustomer')], hq, two)).toMatchObject({ missingJobs: ['1110'] });
  });

  it('a channel goes on as it knows until a job tells it that a switch is off', () => {
    const database = downloaded(hq);
    const off = { ...hqWith(ALL_KEYS, false, 2), featuresRevision: hq.featuresRevision };
    expect(decide(CREATE, off, database)).toEqual({ mode: 'Async' });
    expect(decide(CREATE, off, downloaded(off, ['1070'], database))).toMatchObject({
      mode: 'RealTime',
      missingJobs: [],
    });
  });

  it('an older copy never takes the place of a newer one', () => {
    const database = downloaded(hq);
    expect(downloaded(hqWith([]), CONFIGURATION_JOBS, database)).toEqual(database);
  });

  it('the version rises with what is new, not with each run', () => {
    expect(downloaded(hq).version).toBe(3);
    expect(downloaded(hq, CONFIGURATION_JOBS, downloaded(hq)).version).toBe(3);
  });
});

describe('A3 a cache that lags', () => {
  it('is named with its age when nothing else stands in the way', () => {
    const hq = hqWith(ALL_KEYS);
    const asOf = new Date(NOW_MS - 42_000).toISOString();
    const known = {
      channel: 'pos',
      served: { ...NOTHING_DOWNLOADED, asOf },
      database: downloaded(hq),
      hq,
      nowMs: NOW_MS,
    };
    const decided = decideMode(CREATE, known);
    expect(decided).toMatchObject({ mode: 'RealTime', missingJobs: [] });
    expect(decided).toMatchObject({ reason: expect.stringMatching(/version 0 .*cache, 42 s old; version 3/) });
  });
});
