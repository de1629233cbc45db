import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import { CALM_MS, LIVE_MS } from '../../api/queries.ts';
import type { Job } from '../../api/shapes.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import { useFormat } from '../../parts/format.ts';
import { Heading } from '../../parts/heading.tsx';
import { Loading } from '../../parts/loading.tsx';
import { JobChanges } from './job-changes.tsx';
import { JobCommands } from './job-commands.tsx';
import { JobMessages } from './job-messages.tsx';
import { JobProgress } from './job-progress.tsx';
import { StatusBadge } from './status-badge.tsx';

const isEnded = (job: Job | undefined) => job !== undefined && job.completedOn !== null;

/** One system job, live. */
export function Screen() {
  const { t } = useTranslation('jobs');
  const { jobId = '' } = useParams({ strict: false });
  const {
    data: job,
    error,
    refetch,
  } = useQuery({
    queryKey: ['job', jobId],
    queryFn: ({ signal }) => call<Job>(`/system-jobs/${jobId}`, { signal }),
    refetchInterval: ({ state }) => (isEnded(state.data) ? CALM_MS : LIVE_MS),
  });
  if (!job) return error ? <ErrorView error={error} retry={refetch} /> : <Loading />;
  return (
    <>
      <Heading title={job.name}>
        <StatusBadge status={job.status} />
      </Heading>
      {error && <ErrorView error={error} retry={refetch} />}
      <JobCommands job={job} />
      <Halts job={job} />
      <JobProgress job={job} />
      <section className="section">
        <h2>{t('facts.title')}</h2>
        <Facts job={job} />
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

function Facts({ job }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  const { time, number } = useFormat();
  const facts = [
    [t('filter.action'), t(`action.${job.action}`)],
    [t('facts.mode'), t(`mode.${job.mode}`)],
    [t('column.createdBy'), job.createdBy],
    [t('column.createdOn'), time(job.createdOn)],
    [t('facts.startedOn'), time(job.startedOn)],
    [t('facts.completedOn'), time(job.completedOn)],
    [t('facts.heartbeatOn'), time(job.progress.heartbeatOn)],
    [t('facts.retries'), number(job.retryCount)],
    [t('facts.batchSize'), number(job.batchSize)],
  ];
  return (
    <dl className="facts">
      <dt>{t('facts.record')}</dt>
      <dd>
        {job.action === 'revokeInheritedAccess' ? (
          job.recordId
        ) : (
          <Link to="/records/$table/$id" params={{ table: job.table, id: job.recordId }}>
            {job.table} {job.recordId}
          </Link>
        )}
      </dd>
      {facts.map(([name, value]) => (
        <div key={name} className="fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const COUNTS = ['total', 'done', 'failed', 'skipped'] as const;

function Tables({ job: { byTable } }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  const { number } = useFormat();
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
            <th scope="row">{table}</th>
            {COUNTS.map((name) => (
              <td key={name}>{number(counts[name])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
