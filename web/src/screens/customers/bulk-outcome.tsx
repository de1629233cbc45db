import { useTranslation } from 'react-i18next';
import type { BulkChange } from './operations.ts';

export interface BulkOutcomeProps {
  readonly bulk: BulkChange;
  /** Whether it was only tried out. */
  readonly dryRun: boolean;
}

/** What came of a bulk change, or would come of it. */
export function BulkOutcome({ bulk: { changed, refused, refusedTotal, error }, dryRun }: BulkOutcomeProps) {
  const { t } = useTranslation('customers');
  const refusedText = t('bulk.refused', { count: refusedTotal });
  return (
    <>
      <p>
        <strong>{t(dryRun ? 'bulk.wouldChange' : 'bulk.changed', { count: changed })}</strong>{' '}
        {dryRun && t('bulk.nothingYet')}
      </p>
      {error !== undefined && <p>{error}</p>}
      {refusedTotal > 0 && (
        <>
          <p>{refusedText}</p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so that the keyboard must reach it */}
          <ul className="refused" tabIndex={0} aria-label={refusedText}>
            {refused.map(({ id, problem }) => (
              <li key={id}>
                {id}: {problem.detail}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
