/** The records of a job that failed: naming them, and what a command asks for them. */
import type { CascadeRecords, FailureCause } from '../ports.ts';
import { type Job, MAX_NAMED_RECORDS } from './job.ts';
import type { FailingRecords } from './job-transitions.ts';

const PAGE_SIZE = 500;

/** Names the failed records of a job, `MAX_NAMED_RECORDS` at most, from its change log. */
export async function failingOf(
  cascadeRecords: Pick<CascadeRecords, 'changes'>,
  { plan }: Job,
): Promise<FailingRecords> {
  const ids: string[] = [];
  let problem = '';
  let cause: FailureCause | undefined;
  let after: string | undefined;
  do {
    const page = await cascadeRecords.changes(plan, { outcome: 'failed', after, pageSize: PAGE_SIZE });
    problem ||= page.items[0]?.problem ?? '';
    cause ??= page.items.find((item) => item.cause)?.cause;
    ids.push(...page.items.map(({ recordId }) => recordId));
    after = page.after;
  } while (after !== undefined && ids.length < MAX_NAMED_RECORDS);
  return { ids: ids.slice(0, MAX_NAMED_RECORDS), problem, cause };
}

/** Has failed records tried again or passed over, as the job's command says. May be called again: what was done stays so. */
export async function applyToFailedRecords(
  cascadeRecords: Pick<CascadeRecords, 'retryFailed' | 'skipFailed'>,
  { plan, failedRecordsCommand: recordsWish }: Job,
): Promise<void> {
  if (!recordsWish) return;
  const ids = recordsWish.records ?? undefined;
  if (recordsWish.kind === 'retry') await cascadeRecords.retryFailed(plan, ids);
  else await cascadeRecords.skipFailed(plan, ids);
}
