import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Job } from '../../api/shapes.ts';
import { useFormat } from '../../parts/format.ts';
import { ratesOf, withLook } from './throughput.ts';

export interface ThroughputChartProps {
  readonly job: Job;
  /** When the job was read as it is. */
  readonly readOnMs: number;
}

/** Records a second since the screen was opened, as a curve; nothing before there are two points of it. */
export function ThroughputChart({ job, readOnMs }: ThroughputChartProps) {
  const { t } = useTranslation('jobs');
  const { number } = useFormat();
  const [looks, setLooks] = useState<ReturnType<typeof withLook>>([]);
  useEffect(() => setLooks((before) => withLook(before, job, readOnMs)), [job, readOnMs]);
  const rates = ratesOf(looks).map(Math.round);
  if (rates.length < 2) return null;
  const most = Math.max(...rates, 1);
  const right = rates.length - 1;
  const line = rates.map((rate, at) => `${at},${most - rate}`).join(' ');
  const words = t('throughput.words', { now: number(rates.at(-1) ?? 0), most: number(most) });
  return (
    <section className="section">
      <h2>{t('throughput.title')}</h2>
      <svg className="chart" role="img" aria-label={words} viewBox={`0 0 ${right} ${most}`} preserveAspectRatio="none">
        <polygon points={`0,${most} ${line} ${right},${most}`} />
        <polyline points={line} />
      </svg>
      <small className="quiet">{words}</small>
    </section>
  );
}
