import { useTranslation } from 'react-i18next';
import type { Job, JobChange } from '../../api/shapes.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { type DataColumn, DataList } from '../../parts/data-list.tsx';
import { ErrorView } from '../../parts/error-view.tsx';
import { RecordLink } from '../../parts/record-link.tsx';
import { useJobCommand } from './job-commands.tsx';

const OF_RECORDS = ['retry', 'skip'] as const;

/** The records that keep a job from going on, each with why, and the way on for it alone. */
export function FailingRecords({ job }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  const { give, error, isPending } = useJobCommand(job.id);
  const commands = OF_RECORDS.filter((command) => job.legalCommands.includes(command));
  const columns: readonly DataColumn<JobChange>[] = [
    {
      title: t('changes.record'),
      share: 2,
      show: ({ table, recordId }) => <RecordLink table={table} id={recordId} />,
    },
    { title: t('failing.why'), share: 3, show: ({ problem }) => problem },
    {
      title: t('failing.commands'),
      share: 2,
      show: ({ recordId }) => (
        <div className="actions">
          {commands.map((command) => (
            <Confirm
              key={command}
              action={t(`command.${command}.name`)}
              consequence={t(`command.${command}.consequenceForOne`, { record: recordId })}
              onConfirm={() => give(command, [recordId])}
              disabled={isPending}
            />
          ))}
        </div>
      ),
    },
  ];
  return (
    <>
      {error && <ErrorView error={error} />}
      <DataList<JobChange>
        key={`${job.status} ${job.progress.failed}`}
        label={t('failing.title')}
        path={`/system-jobs/${job.id}/changes`}
        query={{ outcome: 'failed' }}
        columns={commands.length > 0 ? columns : columns.slice(0, 2)}
        keyOf={({ recordId }) => recordId}
        empty={t('failing.empty')}
      />
    </>
  );
}
