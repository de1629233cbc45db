/** What previews of cascades say. */
export const texts = {
  total_one: '{{count, number}} record: {{tables}}.',
  total_other: '{{count, number}} records: {{tables}}.',
  mode: {
    sync: 'It runs at once: all or nothing.',
    async: 'It runs as a job in batches; finished records are visible at once.',
  },
  inactive_one: '{{count, number}} of them is inactive.',
  inactive_other: '{{count, number}} of them are inactive.',
  incomplete: 'There is more than was counted.',
  blocker_one: '{{count, number}} record of {{relationship}} stands in the way. Settle it first.',
  blocker_other: '{{count, number}} records of {{relationship}} stand in the way. Settle them first.',
  missing: '{{user}}: the privilege {{privilege}} on {{table}} is missing.',
  you: 'You',
  access: {
    title: 'Access that changes:',
    records_one: '{{count, number}} record',
    records_other: '{{count, number}} records',
    gains: 'gains {{rights}}',
    loses: 'loses {{rights}}',
  },
  right: {
    Read: 'Read',
    Write: 'Write',
    Delete: 'Delete',
    Assign: 'Assign',
    Share: 'Share',
    Append: 'Append',
    AppendTo: 'Append to',
  },
} as const;
