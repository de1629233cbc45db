/**
 * `npm run bench`: what Spillway adds to the bare storage work, as ratios to a floor measured in the same run, so that
 * the machine's speed cancels out. `npm run bench -- request engine` runs these cases alone. Exits 1 when a ratio is below
 * what is promised.
 */
import { applyRound } from './apply.ts';
import { engineMsPerActivity } from './engine.ts';
import { longestBeside } from './fairness.ts';
import { grantRounds } from './grants.ts';
import { jobRounds, serveAsAdmin } from './job.ts';
import { type Round, reportRatio, reportTime } from './report.ts';
import { requestRounds } from './request.ts';
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

/** A process serves one app; the cases over HTTP share it. */
let served: ReturnType<typeof serveAsAdmin> | undefined;
function serve() {
  served ??= serveAsAdmin(process.cwd());
  return served;
}

async function repeat(rounds: number, measure: () => Promise<Round>): Promise<Round[]> {
  const results: Round[] = [];
  for (let round = 0; round < rounds; round++) results.push(await measure());
  return results;
}

const CASES: Readonly<Record<string, () => Promise<boolean>>> = {
  apply: async () => reportRatio('apply', await repeat(ROUNDS, () => applyRound(CHILDREN)), 0.9),
  transaction: async () => {
    const rounds = await repeat(SHORT_ROUNDS, () => transactionRound(TRANSACTION));
    return reportRatio(`a transaction over ${TRANSACTION} records`, rounds, 0.75);
  },
  sync: async () => {
    const rounds = await repeat(ROUNDS, () => syncRound(SYNC_CUSTOMERS, OPERATIONS_EACH));
    return reportRatio(`synchronizing ${SYNC_CUSTOMERS * OPERATIONS_EACH} operations`, rounds, 0.25);
  },
  request: async () => {
    const costs = await requestRounds(await serve(), SHORT_ROUNDS);
    return costs.map(({ name, rounds }) => reportRatio(name, rounds, WANTED_OF_A_REQUEST)).every(Boolean);
  },
  job: async () => reportRatio('request to Completed', await jobRounds(await serve(), ROUNDS, CHILDREN), 0.75),
  grants: async () => {
    const rounds = await grantRounds(await serve(), ROUNDS, CHILDREN, GRANTS);
    return reportRatio('p99 of a grant while a merge runs', rounds, 0.5);
  },
  fairness: async () => {
    const longestMs = await longestBeside(await serve(), LARGE, SMALL_JOBS);
    return reportTime(`longest of ${SMALL_JOBS} jobs of 10 records while one of ${LARGE} runs`, longestMs, 5000);
  },
  engine: async () => reportTime('no-op activity in one instance', await engineMsPerActivity(ACTIVITIES), 2.5),
};

/** What a request is to cost at most: five times the floor, which does nothing for who asks. */
const WANTED_OF_A_REQUEST = 0.2;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(CASES, name));
if (unknown.length > 0) {
  console.error(`There is no case ${unknown.join(', ')}. There are: ${Object.keys(CASES).join(', ')}.`);
  process.exit(1);
}
console.log(`Medians of ${ROUNDS} rounds, ${SHORT_ROUNDS} where they are short; some 20 minutes for all.`);
const results: boolean[] = [];
for (const [name, run] of Object.entries(CASES)) {
  if (name === 'engine') await (await served)?.app.stop();
  if (asked.length === 0 || asked.includes(name)) results.push(await run());
}
process.exit(results.every(Boolean) ? 0 : 1);
