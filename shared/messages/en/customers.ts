import type { Refusals } from '../refusals.ts';

/** Refusals of channels, their customers, and of headquarters' operations and jobs. */
export const CUSTOMERS = {
  'channel-unknown': { kind: 'not-found', text: 'There is no channel {channel}. An administrator makes one by PUT.' },
  'channel-of-message-unknown': {
    kind: 'not-found',
    text: 'There is no channel {channel}. Make it first, then put the message back.',
  },
  'channel-customer-unknown': {
    kind: 'not-found',
    text: 'Channel {channel} knows no customer {customer}. One made elsewhere comes with job 1010.',
  },
  'channel-operation-unknown': { kind: 'not-found', text: 'Channel {channel} has no operation {id}.' },
  'default-customer-unknown': {
    kind: 'rule-broken',
    text: 'defaultCustomer: there is no account {customer}. Make it first, or leave it out.',
  },
  'operation-unknown': {
    kind: 'not-found',
    text: 'Headquarters has no operation {id}; it may not be uploaded yet.',
  },
  'cdx-job-unknown': { kind: 'not-found', text: 'There is no CDX job {job}. GET /api/cdx-jobs lists what there is.' },
  'cdx-run-unknown': { kind: 'not-found', text: 'Job {job} has no run {runId}.' },
  'cdx-job-running': {
    kind: 'conflict',
    text: 'Job {job} is running: {runId}. Start another run when that one has ended.',
  },
  'bulk-change-unknown': { kind: 'not-found', text: 'There is no bulk change {id}.' },
  'feature-unknown': { kind: 'not-found', text: 'There is no feature {key}. GET /api/features lists what there is.' },
} as const satisfies Refusals;
