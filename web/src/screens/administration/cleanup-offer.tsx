import { Button, MessageBar, MessageBarActions, MessageBarBody } from '@fluentui/react-components';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import { useChange } from '../../api/use-change.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import type { ChangedRelationship } from './relationships.ts';

export interface CleanupOfferProps {
  readonly cleanup: NonNullable<ChangedRelationship['cleanup']>;
}

/** Offers the job that takes away rights which came down over a relationship that no longer passes them on. */
export function CleanupOffer({ cleanup: { href, text } }: CleanupOfferProps) {
  const { t } = useTranslation('administration');
  const start = useChange({
    send: (idempotencyKey) => call<{ jobId: string }>(href.replace(/^\/api/, ''), { method: 'POST', idempotencyKey }),
  });
  return (
    <>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>{text}</MessageBarBody>
        <MessageBarActions>
          {start.data ? (
            <Link to={`/jobs/${start.data.jobId}`}>{t('relationships.cleanupStarted')}</Link>
          ) : (
            <Button disabled={start.isPending} onClick={() => start.mutate()}>
              {t('relationships.cleanup')}
            </Button>
          )}
        </MessageBarActions>
      </MessageBar>
      {start.error && <ErrorView error={start.error} />}
    </>
  );
}
