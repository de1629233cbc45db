/**
 * `npm run bench`: what Spillway adds to the bare storage work, as ratios to a floor measured in the same run, so that
 * the machine's speed cancels out. Exits 1 when a ratio is below what is promised.
 */
import { applyRound } from './apply.ts';
import { engineMsPerActivity } from './engine.ts';
import { longestBeside } from './fairness.ts';
import { grantRounds } from './grants.ts';
import { jobRounds, serveAsAdmin } from './job.ts';
import { type Round, reportRatio, reportTime } from './report.ts';
import { syncRound } from './sync.ts';
import { transactionRound } from './transaction.ts';

const ROUNDS = 3;
/** Rounds of what takes a fraction of a second, so that one hiccup of the machine is a smaller part of them. */
const SHORT_ROUNDS = 7;
const CHILDREN = 20_000;
const ACTIVITIES = 2_000;
const GRANTS = 100;
const TRANSACTION = 900;
const SYNC_CUSTOMERS = 200;
const OPERATIONS_EACH = 10;
const LARGE = 100_000;
const SMALL_JOBS = 5;

console.log(`Medians of ${ROUNDS} rounds, ${SHORT_ROUNDS} where they are short; some 20 minutes.`);
const applied: Round[] = [];
for (let round = 0; round < ROUNDS; round++) applied.push(await applyRound(CHILDREN));
const committed: Round[] = [];
for (let round = 0; round < SHORT_ROUNDS; round++) committed.push(await transactionRound(TRANSACTION));
const synchronized: Round[] = [];
for (let round = 0; round < ROUNDS; round++) synchronized.push(await syncRound(SYNC_CUSTOMERS, OPERATIONS_EACH));
const served = await serveAsAdmin(process.cwd());
const results = [
  reportRatio('apply', applied, 0.9),
  reportRatio(`a transaction over ${TRANSACTION} records`, committed, 0.75),
  reportRatio(`synchronizing ${SYNC_CUSTOMERS * OPERATIONS_EACH} operations`, synchronized, 0.25),
  reportRatio('request to Completed', await jobRounds(served, ROUNDS, CHILDREN), 0.75),
  reportRatio('p99 of a grant while a merge runs', await grantRounds(served, ROUNDS, CHILDREN, GRANTS), 0.5),
];
const longestMs = await longestBeside(served, LARGE, SMALL_JOBS);
results.push(reportTime(`longest of ${SMALL_JOBS} jobs of 10 records while one of ${LARGE} runs`, longestMs, 5000));
await served.app.stop();
results.push(reportTime('no-op activity in one instance', await engineMsPerActivity(ACTIVITIES), 2.5));
process.exit(results.every(Boolean) ? 0 : 1);
