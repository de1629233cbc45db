export const texts = {
  title: 'Översikt',
  lead: 'Det som behöver en människa just nu.',
  nothing: 'Inget att göra.',
  open: 'Visa dem',
  pausedJobs: {
    title: 'Pausade jobb',
    advice: 'Ett pausat jobb väntar tills någon återupptar, hoppar över eller avbryter det.',
  },
  failedOperations: {
    title: 'Misslyckade kundåtgärder',
    advice: 'Rätta värdena, spara och synkronisera; senare ändringar av samma kund väntar bakom.',
  },
  suspendedSessions: {
    title: 'Spärrade sessioner',
    advice: 'Kanalens senare sessioner väntar. Försök igen med den spärrade eller avbryt den.',
  },
  deadLetters: {
    title: 'Avvisade meddelanden',
    advice: 'Meddelanden från kanaler som avvisats. Lägg tillbaka dem när orsaken är borta.',
  },
} as const;
