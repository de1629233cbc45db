export const texts = {
  skip: 'Skip to the content',
  navigation: 'Screens',
  language: 'Language',
  signOut: 'Sign out',
  cancel: 'Cancel',
  notFound: 'There is no screen at this address.',
  toOverview: 'Go to the overview',
  theme: { label: 'Theme', light: 'Light', dark: 'Dark', contrast: 'High contrast' },
  list: { more: 'Load more' },
  error: {
    title: 'Something went wrong',
    retry: 'Try again',
    offline: 'The host can’t be reached.',
    offlineAdvice: 'What you see may be old. The page goes on asking; see whether the host is running.',
  },
  signIn: {
    title: 'Sign in to Spillway',
    token: 'Token',
    hint: 'Paste a token. On your own machine, npm start prints a link that brings one along, and npm run token prints one.',
    submit: 'Sign in',
    expired: 'Your token is no longer good. Sign in again; you come back to where you were.',
  },
} as const;
