import type { JobTimer } from './job-timer.ts';

/** Brings customers to the channels (1010) when the setting `schedules.cdx1010` says so. */
export const cdx1010Timer: JobTimer = { name: 'cdx1010Timer', job: '1010', schedule: 'cdx1010' };
