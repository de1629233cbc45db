import type { JobTimer } from './job-timer.ts';

/** Uploads what the channels have staged (P-0001), when the setting `schedules.pJob` says so. */
export const pJobTimer: JobTimer = { name: 'pJobTimer', job: 'P-0001', schedule: 'pJob' };
