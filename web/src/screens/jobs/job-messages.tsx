import { useTranslation } from 'react-i18next';
import type { Job } from '../../api/shapes.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { ErrorView } from '../../parts/error-view.tsx';
import { useFormat } from '../../parts/format.ts';
import { useJobCommand } from './job-commands.tsx';

const OF_RECORDS = ['retry', 'skip'] as const;

/** What the job said, newest first; records that it names as failing can be tried again or skipped, one by one. */
export function JobMessages({ job }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  const { time } = useFormat();
  if (job.messages.length === 0) return <p className="quiet">{t('messages.none')}</p>;
  return (
    <ol className="timeline">
      {job.messages.toReversed().map(({ on, level, code, text, records = [] }, at) => (
        <li key={`${on} ${code}`} data-level={level}>
          <small className="quiet">
            {time(on)} · {code}
          </small>
          <div>{text}</div>
          {records.length > 0 && <FailingRecords job={job} records={records} isLast={at === 0} />}
        </li>
      ))}
    </ol>
  );
}

function FailingRecords(props: { readonly job: Job; readonly records: readonly string[]; readonly isLast: boolean }) {
  const { job, records, isLast } = props;
  const { t } = useTranslation('jobs');
  const { give, error, isPending } = useJobCommand(job.id);
  const commands = OF_RECORDS.filter((command) => isLast && job.legalCommands.includes(command));
  return (
    <>
      {error && <ErrorView error={error} />}
      <ul>
        {records.map((record) => (
          <li key={record} data-level="none">
            <code>{record}</code>
            <div className="actions">
              {commands.map((command) => (
                <Confirm
                  key={command}
                  action={t(`command.${command}.name`)}
                  consequence={t(`command.${command}.consequenceForOne`, { record })}
                  onConfirm={() => give(command, [record])}
                  disabled={isPending}
                />
              ))}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
