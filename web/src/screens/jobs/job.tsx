import './jobs.css';
import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import type { Job } from '../../api/shapes.ts';
import { CALM_MS, LIVE_MS, useLive } from '../../api/use-live.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import { useFormat } from '../../parts/format.ts';
import { Heading } from '../../parts/heading.tsx';
import { Loading } from '../../parts/loading.tsx';
import { useTableName } from '../../parts/record-name.ts';
import { FailingRecords } from './failing-records.tsx';
import { JobChanges } from './job-changes.tsx';
import { JobCommands } from './job-commands.tsx';
import { JobFacts } from './job-facts.tsx';
import { JobMessages } from './job-messages.tsx';
import { JobProgress } from './job-progress.tsx';
import { useJobTitle } from './job-title.tsx';
import { StatusBadge } from './status-badge.tsx';
import { ThroughputChart } from './throughput-chart.tsx';

const isEnded = (job: Job | undefined) => job !== undefined && job.completedOn !== null;

/** One system job, live. */
export function Screen() {
  const { t } = useTranslation('jobs');
  const { jobId = '' } = useParams({ strict: false });
  const {
    data: job,
    dataUpdatedAt,
    error,
    refetch,
  } = useQuery({
    queryKey: ['job', jobId],
    queryFn: ({ signal }) => call<Job>(`/system-jobs/${jobId}`, { signal }),
  });
  useLive(isEnded(job) ? CALM_MS : LIVE_MS, refetch);
  if (!job) return error ? <ErrorView error={error} retry={refetch} /> : <Loading />;
  return (
    <>
      <JobHeading job={job} />
      {error && <ErrorView error={error} retry={refetch} />}
      <div className="job-head">
        <JobProgress job={job} />
        <Halts job={job} />
        <JobCommands job={job} />
      </div>
      {job.progress.failed > 0 && (
        <section className="section">
          <h2>{t('failing.title')}</h2>
          <FailingRecords job={job} />
        </section>
      )}
      <ThroughputChart key={job.id} job={job} readOnMs={dataUpdatedAt} />
      <section className="section">
        <h2>{t('facts.title')}</h2>
        <JobFacts job={job} />
      </section>
      <section className="section wide">
        <h2>{t('tables.title')}</h2>
        <Tables job={job} />
      </section>
      <section className="section">
        <h2>{t('messages.title')}</h2>
        <JobMessages job={job} />
      </section>
      <section className="section">
        <h2>{t('changes.title')}</h2>
        <JobChanges job={job} />
      </section>
    </>
  );
}

function JobHeading({ job }: { readonly job: Job }) {
  return (
    <Heading title={useJobTitle(job)}>
      <StatusBadge status={job.status} />
    </Heading>
  );
}

/** Why the job stands still, or goes slowly. */
function Halts({ job: { pauseReason, throttledBy, messages } }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  return (
    <>
      {pauseReason && (
        <MessageBar intent="warning" layout="multiline" className="message">
          <MessageBarBody>
            <MessageBarTitle>{t('paused')}</MessageBarTitle>{' '}
            {messages.findLast(({ code }) => code === pauseReason.code)?.text ?? pauseReason.code}
          </MessageBarBody>
        </MessageBar>
      )}
      {throttledBy && (
        <MessageBar intent="info" className="message">
          <MessageBarBody>{t(`throttled.${throttledBy}`)}</MessageBarBody>
        </MessageBar>
      )}
    </>
  );
}

const COUNTS = ['total', 'done', 'failed', 'skipped'] as const;

function Tables({ job: { byTable } }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  const { number } = useFormat();
  const tableName = useTableName();
  return (
    <table className="plain">
      <thead>
        <tr>
          <th scope="col">{t('tables.table')}</th>
          {COUNTS.map((name) => (
            <th scope="col" key={name}>
              {t(`tables.${name}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {Object.entries(byTable).map(([table, counts]) => (
          <tr key={table}>
            <th scope="row">{tableName(table)}</th>
            {COUNTS.map((name) => (
              <td key={name}>{number(counts[name])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
