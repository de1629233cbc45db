import { randomUUID } from 'node:crypto';
import { groupBy, MAX_PARALLEL, mapParallel } from '../../storage/parallel.ts';
import { feedMinute } from '../download/customer-feed.ts';
import type { PendingPlace } from '../headquarters/pending-customers.ts';
import type { Channels } from '../ports.ts';
import { type AppliedCustomer, type ApplyPorts, applyCustomer } from './apply-customer.ts';
import { createDefaults } from './apply-defaults.ts';

/** Customers of one activity. */
const CUSTOMERS_PER_GROUP = 25;
/** Groups that are worked on at the same time. */
const GROUPS_AT_ONCE = 8;

/** What the sync job works with. */
export interface ApplyJobPorts extends ApplyPorts {
  readonly channels: Pick<Channels, 'find'>;
}

/** Sums over the customers of a group. */
export interface AppliedGroup {
  readonly applied: number;
  readonly failed: number;
  readonly held: number;
  /** Customers that another worker had at the time. */
  readonly busy: number;
}

/** The sync job's two steps: which customers wait, and applying some of them. Every step may be repeated. */
export class ApplyJob {
  readonly #ports: ApplyJobPorts;

  constructor(ports: ApplyJobPorts) {
    this.#ports = ports;
  }

  /** The next customers of the queue, in groups of an activity's size. */
  async listPending(after: PendingPlace | undefined): Promise<{ groups: string[][]; next: PendingPlace | undefined }> {
    const { customers, next } = await this.#ports.pending.list(after, CUSTOMERS_PER_GROUP * GROUPS_AT_ONCE);
    return { groups: groupBy(customers, () => '', CUSTOMERS_PER_GROUP), next };
  }

  /**
   * Applies what these customers have waiting. Bad operations are noted with them; only trouble with storage is thrown.
   * `step` is the same for each attempt at the same activity of the run `holder`, and no other's: it counts what they did in all.
   */
  async applyCustomers(
    customers: readonly string[],
    holder: string,
    step: string = randomUUID(),
  ): Promise<AppliedGroup> {
    const { records, channels, pending, feed, index, now } = this.#ports;
    const defaultsOf = createDefaults(records, channels);
    const places = await pending.findAll(customers);
    const notedIn = feedMinute(now());
    await feed.noteCustomersChanged([...places.keys()]);
    const outcomes = await mapParallel(customers, MAX_PARALLEL, (id) => {
      const queued = places.get(id);
      return applyCustomer(this.#ports, id, { holder, step, queued, notedIn: queued ? notedIn : '' }, defaultsOf);
    });
    await index.mark(
      outcomes.flatMap(({ completed }) => completed),
      'done',
    );
    const sum = (count: (each: AppliedCustomer) => number) => outcomes.reduce((total, each) => total + count(each), 0);
    return {
      applied: sum(({ applied }) => applied),
      failed: sum(({ failed }) => failed),
      held: sum(({ held }) => held),
      busy: sum(({ outcome }) => Number(outcome === 'busy')),
    };
  }
}
