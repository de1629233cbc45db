import { useTranslation } from 'react-i18next';
import type { Job } from '../../api/shapes.ts';
import { useFormat } from '../../parts/format.ts';

/** What the job said, newest first. */
export function JobMessages({ job }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  const { time } = useFormat();
  if (job.messages.length === 0) return <p className="quiet">{t('messages.none')}</p>;
  return (
    <ol className="timeline">
      {job.messages.toReversed().map(({ on, level, code, text }) => (
        <li key={`${on} ${code}`} data-level={level}>
          <small className="quiet">
            {time(on)} · {code}
          </small>
          <div>{text}</div>
        </li>
      ))}
    </ol>
  );
}
