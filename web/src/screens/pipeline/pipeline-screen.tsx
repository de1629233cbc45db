import './pipeline.css';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import { LIVE_MS, useLive } from '../../api/use-live.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorView } from '../../parts/error-view.tsx';
import { useFormat } from '../../parts/format.ts';
import { Heading } from '../../parts/heading.tsx';
import { Loading } from '../../parts/loading.tsx';
import { RunNow } from './run-now.tsx';
import { type ChannelOverview, type Job, STAGES, type Stage } from './stages.ts';

const PATH = '/customer-sync/pipeline';

/** The sync pipeline: per channel its stages, what waits before each, and when its jobs ran last. */
export function Screen() {
  const { t } = useTranslation('pipeline');
  const { data, error, refetch } = useQuery({
    queryKey: [PATH],
    queryFn: ({ signal }) => call<{ channels: ChannelOverview[] }>(PATH, { signal }),
  });
  useLive(LIVE_MS, refetch);
  return (
    <>
      <Heading title={t('title')} />
      <p className="quiet">{t('intro')}</p>
      {error && <ErrorView error={error} retry={refetch} />}
      {!data && !error && <Loading />}
      {data?.channels.length === 0 && <Empty text={`${t('empty')} ${t('emptyAdvice')}`} />}
      {data?.channels.map((channel) => (
        <section key={channel.id} className="section">
          <h2>{channel.id}</h2>
          <ol className="stages">
            {STAGES.map((stage) => (
              <StageView key={stage.name} stage={stage} channel={channel} />
            ))}
          </ol>
        </section>
      ))}
    </>
  );
}

function StageView({ stage, channel }: { readonly stage: Stage; readonly channel: ChannelOverview }) {
  const { t } = useTranslation('pipeline');
  const waiting = stage.waiting.filter((name) => channel.waiting[name] > 0);
  return (
    <li className="stage" data-trouble={waiting.includes('failed')}>
      <h3>{t(`stage.${stage.name}`)}</h3>
      {waiting.map((name) => (
        <p key={name}>{t(`waiting.${name}`, { count: channel.waiting[name] })}</p>
      ))}
      {stage.waiting.length > 0 && waiting.length === 0 && <p className="quiet">{t('waiting.none')}</p>}
      {stage.jobs.map((job) => (
        <JobView key={job} job={job} channel={channel} />
      ))}
    </li>
  );
}

function JobView({ job, channel }: { readonly job: Job; readonly channel: ChannelOverview }) {
  const { t } = useTranslation('pipeline');
  const { time } = useFormat();
  const last = channel.jobs.find((each) => each.job === job);
  const status = last?.status ? ` · ${t(`status.${last.status}`)}` : '';
  return (
    <div className="job">
      <strong>{t(`job.${job}`)}</strong>
      <span className="quiet">
        {last?.lastRunOn ? t('lastRun', { when: time(last.lastRunOn) }) : t('never')}
        {status}
      </span>
      <RunNow job={job} channel={channel.id} />
    </div>
  );
}
