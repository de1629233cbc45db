/** Which operations of a channel are asynchronous, and why another isn't. Pure. */

import type { OperationBody } from '../customer-operation.ts';
import {
  type ChannelConfiguration,
  CONFIGURATION_JOBS,
  type ConfigurationJobName,
  type HqConfiguration,
} from './channel-configuration.ts';
import type { ServedConfiguration } from './csu-cache.ts';
import { FEATURES, type FeatureKey } from './feature.ts';

/** What has to be on for an operation to be asynchronous: the channel's profile, or a feature. */
export type Switch = 'profile' | FeatureKey;

/** How an operation goes to headquarters, and why. */
export type Mode =
  | { readonly mode: 'Async' }
  | { readonly mode: 'RealTime'; readonly reason: string; readonly missingJobs: readonly ConfigurationJobName[] };

/** What a mode is decided by. */
export interface AskedOperation {
  readonly operation: string;
  readonly body: OperationBody;
}

/** The switches that the operations of one request hang on. */
function switchesOf(operations: readonly AskedOperation[]): Switch[] {
  const creation = operations.find(({ operation }) => operation === 'createCustomer');
  const needed = operations.map(({ operation }): Switch => {
    if (operation === 'createCustomer') return 'profile';
    if (operation === 'createAddress') return 'asyncAddressCreation';
    return creation ? 'enhancedAsyncCreation' : 'editCustomersAsync';
  });
  if (creation && (creation.body.title ?? null) !== null) needed.push('enhancedAsyncCreation');
  return [...new Set(needed)];
}

/** Whether a channel with this configuration takes a switch as on: all three jobs have run for it since it was switched on. */
function isOn(each: Switch, { jobs }: ChannelConfiguration): boolean {
  const [global, channel] = [jobs['1110']?.copy, jobs['1070']?.copy];
  if (!global || !channel) return false;
  const isSwitchedOn =
    each === 'profile'
      ? channel.createCustomerInAsyncMode
      : global.features[each].enabled && channel.features[each].enabled;
  // Of a feature two jobs tell, of the profile 1070 alone.
  const sources = each === 'profile' ? [channel] : [global, channel];
  return isSwitchedOn && sources.every((source) => missingJobs(each, source, jobs).length === 0);
}

/** The jobs that haven't run for a channel since a switch was last changed, as `known` has it. */
function missingJobs(each: Switch, known: HqConfiguration, jobs: ChannelConfiguration['jobs']): ConfigurationJobName[] {
  return CONFIGURATION_JOBS.filter((job) => {
    const copy = jobs[job]?.copy;
    if (!copy) return true;
    return each === 'profile'
      ? copy.channelVersion < known.profileChangedIn
      : copy.featuresRevision < known.features[each].changedIn;
  });
}

/** Whether all that the operations need is on for the channel as it is served. */
export function isAsynchronous(operations: readonly AskedOperation[], served: ChannelConfiguration): boolean {
  return switchesOf(operations).every((each) => isOn(each, served));
}

/** Decides the mode of a request. `database`: what the jobs have downloaded; `hq`: how it is at headquarters. */
export function decideMode(
  operations: readonly AskedOperation[],
  known: {
    readonly channel: string;
    readonly served: ServedConfiguration;
    readonly database: ChannelConfiguration;
    readonly hq: HqConfiguration;
    readonly nowMs: number;
  },
): Mode {
  const { channel, served, database, hq, nowMs } = known;
  const off = switchesOf(operations).filter((each) => !isOn(each, served));
  if (off.length === 0) return { mode: 'Async' };
  const missing = new Set<ConfigurationJobName>();
  const reasons = off.map((each) => {
    const what = nameOf(each, channel);
    if (!isOnAt(each, hq)) return `${what} is off at headquarters.`;
    const jobs = missingJobs(each, hq, database.jobs);
    for (const job of jobs) missing.add(job);
    if (jobs.length > 0) return `${what} is on, but these jobs have not run for the channel since: ${jobs.join(', ')}.`;
    return `${what} is on and downloaded, but ${cacheText(served, database, nowMs)}`;
  });
  const missingInOrder = CONFIGURATION_JOBS.filter((job) => missing.has(job));
  return { mode: 'RealTime', reason: reasons.join(' '), missingJobs: missingInOrder };
}

function isOnAt(each: Switch, hq: HqConfiguration): boolean {
  return each === 'profile' ? hq.createCustomerInAsyncMode : hq.features[each].enabled;
}

function nameOf(each: Switch, channel: string): string {
  return each === 'profile' ? `"Create customer in async mode" of channel ${channel}` : `"${FEATURES[each]}"`;
}

function cacheText({ asOf, version }: ServedConfiguration, database: ChannelConfiguration, nowMs: number): string {
  const seconds = asOf === undefined ? 0 : Math.round((nowMs - Date.parse(asOf)) / 1_000);
  return (
    `the Commerce Scale Unit still serves version ${version} of the channel's configuration from its cache, ` +
    `${seconds} s old; version ${database.version} comes with its age limit or a refresh.`
  );
}
