export const texts = {
  title: 'Systemjobb',
  empty: 'Det finns inga sådana jobb. En kaskad startas från en post: öppna en och välj vad som ska göras.',
  paused: 'Pausat',
  view: { cascade: 'Kaskadåtgärder' },
  column: { name: 'Namn', status: 'Status', progress: 'Förlopp', createdBy: 'Skapat av', createdOn: 'Skapat' },
  filter: { view: 'Vy', action: 'Åtgärd', all: 'Alla' },
  status: {
    Waiting: 'Väntar',
    InProgress: 'Pågår',
    Pausing: 'Pausas',
    Canceling: 'Avbryts',
    Paused: 'Pausat',
    Completed: 'Klart',
    Failed: 'Misslyckat',
    Canceled: 'Avbrutet',
  },
  action: {
    assign: 'Tilldela',
    delete: 'Ta bort',
    merge: 'Slå samman',
    share: 'Dela',
    unshare: 'Sluta dela',
    reparent: 'Byt överordnad',
    revokeInheritedAccess: 'Återkalla ärvd åtkomst',
    reconcileAccess: 'Stäm av åtkomst',
    undo: 'Ångra',
  },
  mode: { sync: 'Synkront: allt eller inget', async: 'Asynkront: i omgångar' },
  outcome: { done: 'Klar', failed: 'Misslyckad', skipped: 'Överhoppad', unprocessed: 'Ännu inte behandlad' },
  throttled: {
    storage: 'Lagringen är upptagen; jobbet går långsammare så länge.',
    pauseAllJobs: 'Inställningen som pausar alla jobb håller tillbaka det här.',
  },
  progress: {
    counts_one: '{{processed}} av {{total}} post',
    counts_other: '{{processed}} av {{total}} poster',
    rate: '{{rate}} per sekund',
    left: '{{time}} kvar',
  },
  facts: {
    title: 'Vad som begärdes',
    record: 'Post',
    mode: 'Läge',
    startedOn: 'Startat',
    completedOn: 'Avslutat',
    heartbeatOn: 'Senaste livstecken',
    retries: 'Nya försök',
    batchSize: 'Poster per omgång',
  },
  tables: {
    title: 'Per tabell',
    table: 'Tabell',
    total: 'Totalt',
    done: 'Klara',
    failed: 'Misslyckade',
    skipped: 'Överhoppade',
  },
  messages: { title: 'Meddelanden', none: 'Jobbet har inte sagt något ännu.' },
  changes: {
    title: 'Ändringslogg',
    record: 'Post',
    outcome: 'Utfall',
    values: 'Gamla och nya värden',
    csv: 'Hämta som CSV',
    empty: 'Inga poster här ännu. De visas medan jobbet går.',
  },
  command: {
    pause: {
      name: 'Pausa',
      consequence:
        'Jobbet stannar efter de omgångar som pågår. Färdiga poster förblir som de är nu; resten väntar tills du återupptar.',
    },
    resume: {
      name: 'Återuppta',
      consequence:
        'Jobbet fortsätter med det som är kvar och försöker igen med misslyckade poster. Färdiga poster rörs inte.',
    },
    retry: {
      name: 'Försök igen',
      consequence:
        'Alla poster som jobbet anger som misslyckade försöks igen, och jobbet fortsätter. Färdiga poster rörs inte.',
      consequenceForOne: 'Posten {{record}} försöks igen, och jobbet fortsätter. Färdiga poster rörs inte.',
    },
    skip: {
      name: 'Hoppa över',
      consequence:
        'Alla poster som jobbet anger som misslyckade lämnas som de är, och jobbet fortsätter. Färdiga poster rörs inte.',
      consequenceForOne: 'Posten {{record}} lämnas som den är, och jobbet fortsätter. Färdiga poster rörs inte.',
    },
    cancel: {
      name: 'Avbryt jobbet',
      consequence:
        'Jobbet slutar efter de omgångar som pågår. Färdiga poster behåller sina nya värden; resten förblir som det var. Ångra kan ta tillbaka de färdiga.',
    },
    handover: {
      name: 'Ta över',
      consequence:
        'Jobbet avbryts och görs på nytt som ditt, med dina behörigheter. Färdiga poster behåller sina nya värden.',
    },
    rerun: {
      name: 'Kör igen',
      consequence: 'Ett nytt jobb gör samma sak en gång till. Färdiga poster som redan är som önskat ändras inte.',
    },
    undo: {
      name: 'Ångra',
      consequence:
        'Ett nytt jobb skriver tillbaka de gamla värdena. Poster som någon har ändrat sedan dess lämnas, och anges i dess ändringslogg.',
    },
  },
} as const;
