/** Hunts records that are counted twice, or not at all, whatever happens to a job in whatever order. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AssignPlan } from '../../../shared/cascade/plans.ts';
import { createCrashingStorage } from '../../support/crashing-storage.ts';
import { allowed, CascadeFixture } from './cascade-fixture.ts';
import { Poison } from './poison.ts';

const CONTACTS = 40;
const LANES = 2;

const lane = fc.nat(LANES - 1);
const contact = fc.nat(CONTACTS - 1);
const happening = fc.oneof(
  fc.record({ kind: fc.constant('batch' as const), lane, chunks: fc.integer({ min: 0, max: 4 }) }),
  fc.record({
    kind: fc.constant('crash' as const),
    lane,
    write: fc.integer({ min: 1, max: 5 }),
    when: fc.constantFrom('before' as const, 'after' as const),
  }),
  fc.record({ kind: fc.constant('poison' as const), contact }),
  fc.record({ kind: fc.constant('heal' as const), contact }),
  fc.record({ kind: fc.constant('lock' as const), contact }),
  fc.record({ kind: fc.constant('unlock' as const) }),
  fc.record({ kind: fc.constant('remove' as const), contact }),
  fc.record({ kind: fc.constantFrom('retry' as const, 'skip' as const, 'identify' as const) }),
);
/** Who writes a row whose lock is finished has to have it released first. */
const LOCKED_AGAIN: Happening[] = [
  { kind: 'lock', contact: 3 },
  { kind: 'unlock' },
  { kind: 'lock', contact: 3 },
  { kind: 'unlock' },
  { kind: 'remove', contact: 3 },
];
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** A job that is identified, and what can befall it. */
class Job {
  readonly #poison = new Poison();
  readonly #crash = createCrashingStorage();
  readonly fixture = new CascadeFixture({ policies: [this.#poison.policy] });
  readonly #mortal = this.fixture.open({ policies: [this.#crash.policy, this.#poison.policy] });
  readonly #gone = new Set<string>();
  #locked = '';
  #ids: string[] = [];
  plan!: AssignPlan;
  found = 0;

  async identify(): Promise<void> {
    const account = await this.fixture.make('account');
    // Some share a bucket and so a chunk, others stand alone.
    const ids = Array.from({ length: CONTACTS }, (_, at) => (at % 3 === 0 ? { id: randomUUID() as string } : {}));
    this.#ids = await this.fixture.makeMany('contact', { account_contacts: account }, ids);
    this.plan = this.fixture.plan('account', account, 'zoe', { lanes: LANES });
    this.found = (await this.fixture.identify(this.plan)).found;
  }

  async meet(what: Happening): Promise<void> {
    const { fixture, plan } = this;
    const id = 'contact' in what ? (this.#ids[what.contact] ?? '') : '';
    switch (what.kind) {
      case 'batch':
        await fixture.cascades.applyBatch(plan, what.lane, what.chunks, allowed);
        return;
      case 'crash':
        this.#crash.crashAt(what.write, what.when);
        await this.#mortal.cascades.applyBatch(plan, what.lane, 4, allowed).catch(() => undefined);
        return;
      case 'poison':
        this.#poison.ids.add(id);
        return;
      case 'heal':
        this.#poison.ids.delete(id);
        return;
      case 'lock':
        if (this.#locked === '' && !this.#gone.has(id) && !this.#poison.ids.has(id)) {
          this.#locked = id;
          await fixture.lockOne('contact', id, randomUUID());
        }
        return;
      case 'unlock':
        await this.unlock();
        return;
      case 'remove':
        if (id === this.#locked || this.#gone.has(id)) return;
        this.#gone.add(id);
        await fixture.deleteOne('contact', id);
        return;
      case 'retry':
        await fixture.cascades.retryFailed(plan);
        return;
      case 'skip':
        await fixture.cascades.skipFailed(plan);
        return;
      case 'identify':
        // A step that comes late finds another set, and must change nothing.
        expect((await fixture.cascades.identify(plan, undefined)).found).toBeLessThanOrEqual(this.found);
    }
  }

  async unlock(): Promise<void> {
    if (this.#locked !== '') await this.fixture.lockOne('contact', this.#locked, undefined);
    this.#locked = '';
  }

  async counted(): Promise<number> {
    const { done, skipped, failed } = await this.fixture.totals(this.plan);
    for (const count of [done, skipped, failed]) expect(count).toBeGreaterThanOrEqual(0);
    return done + skipped + failed;
  }
}

describe('C18 the counts of a job', () => {
  it('never exceed its total, never fall but for what is tried again, and are its total in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 4, maxLength: 24 }), async (happenings) => {
        const job = new Job();
        await job.identify();
        expect(job.found).toBe(CONTACTS + 1);
        let before = 0;
        for (const what of happenings) {
          await job.meet(what);
          const counted = await job.counted();
          expect(counted).toBeLessThanOrEqual(job.found);
          if (what.kind !== 'retry') expect(counted).toBeGreaterThanOrEqual(before);
          before = counted;
        }
        await job.unlock();
        await job.fixture.apply(job.plan);
        expect(await job.counted()).toBe(job.found);
        await job.fixture.cascades.skipFailed(job.plan);
        const totals = await job.fixture.totals(job.plan);
        expect(totals).toEqual({ ...totals, done: job.found - totals.skipped, failed: 0 });
        const log = await job.fixture.log(job.plan);
        expect(new Set(log.map(({ recordId }) => recordId)).size).toBe(job.found);
        for (const outcome of ['done', 'skipped', 'failed', 'unprocessed'] as const) {
          const expected = outcome === 'unprocessed' ? 0 : totals[outcome];
          expect(log.filter((entry) => entry.outcome === outcome)).toHaveLength(expected);
        }
      }),
      { numRuns: 12, examples: [[LOCKED_AGAIN]] },
    );
  });
});
