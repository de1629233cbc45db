import { ProgressBar } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import type { Job } from '../../api/shapes.ts';
import { useFormat } from '../../parts/format.ts';

/** How far a job is: a bar, and in words how many records, how fast, how long still. */
export function JobProgress({ job }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  const { number, duration } = useFormat();
  const { total, done, failed, skipped, perSecond, secondsLeft } = job.progress;
  const processed = done + failed + skipped;
  const isKnown = job.phase !== 'identifying' && total > 0;
  const isRunning = job.status === 'InProgress';
  const counts = t('progress.counts', { count: total, processed: number(processed), total: number(total) });
  const rate = isRunning && perSecond > 0 ? t('progress.rate', { rate: number(perSecond) }) : '';
  const left = isRunning && secondsLeft !== null ? t('progress.left', { time: duration(secondsLeft) }) : '';
  const state = failed > 0 ? 'error' : job.status === 'Completed' ? 'success' : 'brand';
  const bar = isKnown ? ({ value: processed, max: total, color: state } as const) : isRunning ? {} : { value: 0 };
  return (
    <div>
      <ProgressBar {...bar} thickness="large" aria-label={counts} />
      <small>{[counts, rate, left].filter(Boolean).join(' · ')}</small>
    </div>
  );
}
