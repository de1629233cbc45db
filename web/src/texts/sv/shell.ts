export const texts = {
  skip: 'Hoppa till innehållet',
  navigation: 'Sidor',
  language: 'Språk',
  signOut: 'Logga ut',
  cancel: 'Avbryt',
  notFound: 'Det finns ingen sida på den här adressen.',
  toOverview: 'Till översikten',
  theme: { label: 'Tema', light: 'Ljust', dark: 'Mörkt', contrast: 'Hög kontrast' },
  list: { more: 'Hämta fler' },
  error: {
    title: 'Något gick fel',
    retry: 'Försök igen',
    offline: 'Värden kan inte nås.',
    offlineAdvice: 'Det du ser kan vara gammalt. Sidan fortsätter att fråga; se efter om värden är igång.',
  },
  signIn: {
    title: 'Logga in på Spillway',
    token: 'Token',
    hint: 'Klistra in en token. På din egen dator skriver npm start ut en länk som har en med sig, och npm run token skriver ut en.',
    submit: 'Logga in',
    expired: 'Din token gäller inte längre. Logga in igen; du kommer tillbaka dit du var.',
  },
} as const;
