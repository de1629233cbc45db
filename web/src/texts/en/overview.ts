export const texts = {
  title: 'Overview',
  lead: 'What needs a person now.',
  nothing: 'Nothing to do.',
  open: 'Show them',
  pausedJobs: { title: 'Paused jobs', advice: 'A paused job waits until somebody resumes, skips or cancels it.' },
  failedOperations: {
    title: 'Failed customer operations',
    advice: 'Correct the values, save, and synchronize; later changes of the same customer wait behind.',
  },
  suspendedSessions: {
    title: 'Suspended sessions',
    advice: 'Later sessions of the channel wait. Retry or cancel the suspended one.',
  },
  deadLetters: {
    title: 'Dead letters',
    advice: 'Messages of channels that were refused. Put them back once the cause is gone.',
  },
} as const;
