import type { Explanation } from './operations.ts';

/** What an explanation advises, as the page offers it. */
export interface NextAction {
  /** Text of the button, and what it names. */
  readonly text: 'runJobs' | 'runSync' | 'refreshCache';
  readonly jobs?: string;
  /** Calls to send one after the other. */
  readonly calls: readonly { readonly path: string; readonly body?: object }[];
}

const SYNC = { path: '/customer-sync/runs' };

/** The next action for a channel; undefined where it isn't one call or two, such as editing. */
export function nextAction(code: Explanation['code'], channel: string): NextAction | undefined {
  const run = (...jobs: string[]): NextAction => ({
    text: 'runJobs',
    jobs: jobs.join(', '),
    calls: jobs.map((job) => ({ path: `/cdx-jobs/${job}/runs`, body: { channels: [channel] } })),
  });
  switch (code) {
    case 'feature-not-downloaded':
      return run('1110', '1010', '1070');
    case 'not-uploaded':
      return { ...run('P-0001'), calls: [...run('P-0001').calls, SYNC] };
    case 'number-not-downloaded':
      return run('1010');
    case 'not-synced':
      return { text: 'runSync', calls: [SYNC] };
    case 'csu-cache':
      return { text: 'refreshCache', calls: [{ path: `/channels/${encodeURIComponent(channel)}/cache/refresh` }] };
    case 'failed':
    case 'held-by':
    case 'discarded':
    case 'unknown':
      return undefined;
  }
}

/** The operation that a sentence names as the reason, if it is another one than `own`. */
export function reasonOperation(sentence: string, own: string): string | undefined {
  const [, id] = /operation (\S+?),? (?:which )?has failed/.exec(sentence) ?? [];
  return id === own ? undefined : id;
}
