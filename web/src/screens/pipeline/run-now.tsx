import { Button } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import { useChange } from '../../api/use-change.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import { type Job, runCall } from './stages.ts';

/** Runs a job now; says that it was started, or why not. */
export function RunNow({ job, channel }: { readonly job: Job; readonly channel: string }) {
  const { t } = useTranslation('pipeline');
  const client = useQueryClient();
  const name = t(`job.${job}`);
  const run = useChange({
    send: (idempotencyKey) => {
      const { path, body } = runCall(job, channel);
      return call(path, { method: 'POST', idempotencyKey, ...(body && { body }) });
    },
    onSettled: () => client.invalidateQueries(),
  });
  return (
    <>
      <Button
        size="small"
        aria-label={t('runJob', { job: name, channel })}
        disabledFocusable={run.isPending}
        onClick={() => run.mutate()}
      >
        {t('runNow')}
      </Button>
      <span role="status">{run.isSuccess && t('started', { job: name })}</span>
      {run.error && <ErrorView error={run.error} />}
    </>
  );
}
