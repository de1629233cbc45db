export const texts = {
  title: 'System jobs',
  empty: 'There are no such jobs. A cascade starts from a record: open one and choose what to do.',
  paused: 'Paused',
  view: { cascade: 'Cascade Operations' },
  column: { name: 'Name', status: 'Status', progress: 'Progress', createdBy: 'Created by', createdOn: 'Created on' },
  filter: {
    view: 'View',
    action: 'Action',
    all: 'All',
    record: 'Record (GUID)',
    table: 'Table',
    from: 'From day',
    to: 'To day',
    clear: 'Clear filters',
  },
  status: {
    Waiting: 'Waiting',
    InProgress: 'In progress',
    Pausing: 'Pausing',
    Canceling: 'Canceling',
    Paused: 'Paused',
    Completed: 'Completed',
    Failed: 'Failed',
    Canceled: 'Canceled',
  },
  action: {
    assign: 'Assign',
    delete: 'Delete',
    merge: 'Merge',
    share: 'Share',
    unshare: 'Unshare',
    reparent: 'Reparent',
    revokeInheritedAccess: 'Revoke inherited access',
    reconcileAccess: 'Reconcile access',
    undo: 'Undo',
  },
  mode: { sync: 'Synchronous: all or nothing', async: 'Asynchronous: in batches' },
  asked: {
    auto: 'Automatic',
    sync: 'All or nothing',
    async: 'In batches',
  },
  lineage: {
    undoOf: 'The job that this one undoes',
    undoneBy: 'The job that undid this one',
    rerunOf: 'The job that this one runs again',
    rerunAs: 'The latest time that this job was run again',
    handoverOf: 'The job that this one took over',
    handedOverTo: 'The job that took this one over',
  },
  throughput: {
    title: 'Records a second',
    words: '{{now}} records a second now, {{most}} at most since this page was opened',
  },
  failing: {
    title: 'Failing records',
    why: 'Why',
    commands: 'What to do',
    empty: 'No record is failing any more. Resume the job if it still rests.',
  },
  outcome: { done: 'Done', failed: 'Failed', skipped: 'Skipped', unprocessed: 'Not yet processed' },
  throttled: {
    storage: 'Storage is busy; the job goes slower until it isn’t.',
    pauseAllJobs: 'The setting that pauses all jobs holds this one back.',
  },
  progress: {
    counts_one: '{{processed}} of {{total}} record',
    counts_other: '{{processed}} of {{total}} records',
    rate: '{{rate}} a second',
    left: '{{time}} left',
  },
  facts: {
    title: 'What was asked',
    record: 'Record',
    mode: 'Mode',
    startedOn: 'Started on',
    completedOn: 'Completed on',
    heartbeatOn: 'Last sign of life',
    retries: 'Retries',
    batchSize: 'Records in a batch',
    id: 'Job id',
    newOwner: 'New owner',
    principal: 'User',
    rights: 'Rights',
    subordinate: 'Merged record',
    content: 'Chosen values',
    parentingChecks: 'Parenting check',
    relationship: 'Relationship',
    newParent: 'New parent',
    askedMode: 'Mode asked for',
    yes: 'Yes',
    no: 'No',
  },
  tables: { title: 'By table', table: 'Table', total: 'Total', done: 'Done', failed: 'Failed', skipped: 'Skipped' },
  messages: { title: 'Messages', none: 'The job has said nothing yet.' },
  changes: {
    title: 'Change log',
    record: 'Record',
    outcome: 'Outcome',
    values: 'Old and new values',
    csv: 'Download as CSV',
    empty: 'No records here yet. They appear as the job goes on.',
  },
  command: {
    pause: {
      name: 'Pause',
      consequence:
        'The job stops after the batches that are under way. Finished records stay as they are now; the rest waits until you resume.',
    },
    resume: {
      name: 'Resume',
      consequence:
        'The job goes on with what is left and tries failed records again. Finished records are not touched.',
    },
    retry: {
      name: 'Retry',
      consequence:
        'All records that the job names as failing are tried again, and the job goes on. Finished records are not touched.',
      consequenceForOne: 'The record {{record}} is tried again, and the job goes on. Finished records are not touched.',
    },
    skip: {
      name: 'Skip',
      consequence:
        'All records that the job names as failing are left as they are, and the job goes on. Finished records are not touched.',
      consequenceForOne:
        'The record {{record}} is left as it is, and the job goes on. Finished records are not touched.',
    },
    cancel: {
      name: 'Cancel job',
      consequence:
        'The job ends after the batches that are under way. Finished records keep their new values; the rest stays as it was. Undo can take the finished ones back.',
    },
    handover: {
      name: 'Take over',
      consequence:
        'This job is canceled and made anew as yours, with your privileges. Finished records keep their new values.',
    },
    rerun: {
      name: 'Run again',
      consequence:
        'A new job does the same request once more. Finished records that already are as wanted are not changed.',
    },
    undo: {
      name: 'Undo',
      consequence:
        'A new job writes the old values back. Records that somebody has changed since are left, and named in its change log.',
    },
  },
} as const;
