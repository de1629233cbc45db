/** What jobs of every orchestration go through before their histories are stored: trouble of each kind on the way to an end. */
import { bulkChange } from '../../../orchestrations/bulk-change/bulk-change.ts';
import { cascadeIdentify, cascadeJob, cascadeLane } from '../../../orchestrations/cascade/cascade-job.ts';
import { createCdxDownload } from '../../../orchestrations/cdx-download/cdx-download.ts';
import { cdxUpload } from '../../../orchestrations/cdx-upload/cdx-upload.ts';
import { customerSync } from '../../../orchestrations/customer-sync/customer-sync.ts';
import { FEATURE_KEYS } from '../../../shared/customers/configuration/feature.ts';
import { MemoryHub } from './memory-hub.ts';
import { busy, JOB_ID, OrchestrationFixture } from './orchestration-fixture.ts';

/** All orchestrations by the names that running jobs carry. */
export const ORCHESTRATIONS = {
  ...{ cascadeJob, cascadeIdentify, cascadeLane, bulkChange, customerSync, cdxUpload },
  cdxDownload: createCdxDownload('1010'),
  cdxDownload1070: createCdxDownload('1070'),
  cdxDownload1110: createCdxDownload('1110'),
};

/** Plays a scenario to its end, and gives the hub that it happened on. */
type Scenario = () => Promise<MemoryHub>;

function cascade(play: (fixture: OrchestrationFixture) => Promise<void>): Scenario {
  return async () => {
    const fixture = new OrchestrationFixture();
    await play(fixture);
    return fixture.hub;
  };
}

/** An activity that throws, and is retried. */
const TROUBLE = 'trouble';

/** Activities that answer one after the other, the last answer again and again. */
function played(name: keyof typeof ORCHESTRATIONS, answers: Readonly<Record<string, readonly unknown[]>>): Scenario {
  return async () => {
    const activities = Object.entries(answers).map(([activity, list]) => {
      let at = 0;
      const answer = async () => {
        const next = list[Math.min(at++, list.length - 1)];
        if (next === TROUBLE) throw new Error('Storage is busy.');
        return next;
      };
      return [activity, answer] as const;
    });
    const hub = new MemoryHub({ orchestrations: ORCHESTRATIONS, activities: Object.fromEntries(activities) });
    await hub.start(name, 'run', null);
    await hub.until(() => hub.instance('run')?.status === 'Completed');
    return hub;
  };
}

const turn = (requests: number, input = {}) => ({ turn: { input, requests } });
const over = { turn: null };
const applied = { applied: 2, failed: 0, held: 0, busy: 0 };
const place = { bucket: '0a', customerAsyncId: 'b' };
const off = FEATURE_KEYS.map((key) => [key, { enabled: false, changedIn: 0 }]);
const configuration = { featuresRevision: 1, channelVersion: 1, createCustomerInAsyncMode: true, profileChangedIn: 1 };
const stretch = (channel: string, job = '1010') => ({
  ...{ job, channel, sessionId: `${job}.${channel}.x`, rows: 0, fromMinute: '', toMinute: '202603021200' },
  configuration: { ...configuration, features: Object.fromEntries(off) },
});

/** By name; a stored history is called after it. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  completed: cascade(async (fixture) => {
    await fixture.start();
    await fixture.untilStatus('Completed');
  }),
  'retried, paused, resumed': cascade(async (fixture) => {
    fixture.cascadeRecords.onBatch = ({ lane, call }) => (lane === 1 && call <= 6 ? busy() : undefined);
    await fixture.start();
    await fixture.untilStatus('Paused');
    await fixture.hub.pass(100);
    await fixture.command('resume');
    await fixture.untilStatus('Completed');
  }),
  'paused by command, resumed by event': cascade(async (fixture) => {
    const open = await fixture.startHeld();
    await fixture.command('pause');
    open();
    await fixture.untilStatus('Paused');
    await fixture.hub.raise(JOB_ID, 'resume');
    await fixture.untilStatus('Completed');
  }),
  cancelled: cascade(async (fixture) => {
    const open = await fixture.startHeld(2);
    await fixture.command('cancel');
    open();
    await fixture.untilStatus('Canceled');
  }),
  'poison skipped': cascade(async (fixture) => {
    fixture.cascadeRecords.failed.add('p1');
    await fixture.start();
    await fixture.untilStatus('Paused');
    await fixture.command('skip');
    await fixture.untilStatus('Completed');
  }),
  'long lanes': cascade(async (fixture) => {
    fixture.cascadeRecords.batchesPerLane = 120;
    await fixture.start();
    await fixture.untilStatus('Completed');
  }),
  'sync, joined, with trouble and a busy customer': played('customerSync', {
    beginRun: [TROUBLE, turn(1)],
    listPendingCustomers: [
      { groups: [['a'], ['b']], next: place },
      { groups: [['c']] },
      { groups: [['c']] },
      TROUBLE,
      { groups: [] },
    ],
    applyCustomers: [applied, TROUBLE, { ...applied, busy: 1 }, applied],
    finishRun: [turn(2), over],
  }),
  'sync, continued as new': played('customerSync', {
    beginRun: [turn(1)],
    listPendingCustomers: [
      ...Array.from({ length: 24 }, () => ({ groups: [['a'], ['b']], next: place })),
      { groups: [['c']] },
    ],
    applyCustomers: [applied],
    finishRun: [over],
  }),
  'upload, joined, with trouble and a suspended session': played('cdxUpload', {
    beginRun: [turn(1, { channels: ['a', 'b'] })],
    uploadedTotal: [TROUBLE, { total: 100 }],
    uploadPage: [
      { channel: 'a', full: true, total: 200 },
      TROUBLE,
      { channel: 'b', full: false, total: 200, failed: 'again' },
      { channel: 'b', full: false, total: 200, failed: 'suspended' },
      { channel: 'a', full: false, total: 210 },
      { channel: null, full: false, total: 210 },
    ],
    finishRun: [turn(2), over],
  }),
  'upload, blocked': played('cdxUpload', {
    beginRun: [turn(1)],
    uploadedTotal: [{ total: 0 }],
    uploadPage: [{ channel: null, full: false, total: 0, blocked: 'Session x is suspended.' }],
    finishRun: [over],
  }),
  'download, joined, with trouble and a suspended session': played('cdxDownload', {
    beginRun: [turn(1)],
    planDownload: [
      { stretches: ['a', 'b', 'c', 'd', 'e'].map((channel) => stretch(channel)), held: ['waiting'] },
      { stretches: [], held: [] },
    ],
    downloadPage: [
      { rows: 10, next: stretch('a') },
      TROUBLE,
      { rows: 0, failed: 'again' },
      { rows: 0, failed: 'suspended' },
      { rows: 5 },
    ],
    finishRun: [turn(2, { channels: ['a'] }), over],
  }),
  'download of configuration': played('cdxDownload1070', {
    beginRun: [turn(1)],
    planDownload: [{ stretches: [stretch('a', '1070')], held: [] }],
    downloadPage: [{ rows: 1 }],
    finishRun: [over],
  }),
  'download of global configuration': played('cdxDownload1110', {
    beginRun: [turn(1)],
    planDownload: [{ stretches: [stretch('a', '1110')], held: [] }],
    downloadPage: [{ rows: 1 }],
    finishRun: [over],
  }),
  'bulk change, with trouble and busy customers': played('bulkChange', {
    changeBulkPage: [{ done: false, busy: [] }, TROUBLE, { done: false, busy: ['a', 'b'] }, { done: true, busy: [] }],
    applyCustomers: [{ ...applied, busy: 1 }, TROUBLE, applied],
  }),
};
