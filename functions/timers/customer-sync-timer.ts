import type { JobTimer } from './job-timer.ts';

/** Runs "Synchronize customers and channel requests" when the setting `schedules.customerSync` says so. */
export const customerSyncTimer: JobTimer = {
  name: 'customerSyncTimer',
  job: 'customer-sync',
  schedule: 'customerSync',
};
