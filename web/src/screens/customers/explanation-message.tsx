import { Button, MessageBar, MessageBarActions, MessageBarBody } from '@fluentui/react-components';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import { useChange } from '../../api/use-change.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import { type NextAction, nextAction, reasonOperation } from './next-action.ts';
import { explanationQuery, type Operation } from './operations.ts';

export interface ExplanationMessageProps {
  readonly operation: Operation;
  readonly onOpen: (id: string) => void;
}

/** Why the operation's customer isn't visible in its channel, in one sentence, with the next action as a button. */
export function ExplanationMessage({ operation: { id, channel, customerAsyncId }, onOpen }: ExplanationMessageProps) {
  const { t } = useTranslation('customers');
  const client = useQueryClient();
  const { data } = useQuery(explanationQuery(channel, customerAsyncId));
  const act = useChange({
    send: async (key, calls: NextAction['calls']) => {
      for (const [at, { path, body }] of calls.entries()) {
        await call(path, { method: 'POST', idempotencyKey: `${key}-${at}`, ...(body && { body }) });
      }
    },
    onSettled: () => client.invalidateQueries(),
  });
  if (!data) return null;
  const action = nextAction(data.code, channel);
  const reason = reasonOperation(data.sentence, id);
  return (
    <>
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>
          {data.sentence} {data.nextAction}
        </MessageBarBody>
        <MessageBarActions>
          {action && (
            <Button disabled={act.isPending} onClick={() => act.mutate(action.calls)}>
              {t(`action.${action.text}`, { jobs: action.jobs })}
            </Button>
          )}
          {reason !== undefined && <Button onClick={() => onOpen(reason)}>{t('action.openHolder')}</Button>}
        </MessageBarActions>
      </MessageBar>
      {act.error && <ErrorView error={act.error} />}
    </>
  );
}
