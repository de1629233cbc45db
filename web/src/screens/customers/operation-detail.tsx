import {
  Button,
  DrawerBody,
  DrawerHeader,
  DrawerHeaderTitle,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  OverlayDrawer,
} from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import { useChange } from '../../api/use-change.ts';
import { LIVE_MS, useLive } from '../../api/use-live.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import { Loading } from '../../parts/loading.tsx';
import { Discard } from './discard.tsx';
import { changedValues } from './edited-values.ts';
import { ExplanationMessage } from './explanation-message.tsx';
import { OperationFacts } from './operation-facts.tsx';
import { OperationValues } from './operation-values.tsx';
import { OPERATIONS_PATH, type Operation, operationPath, operationQuery } from './operations.ts';

export interface OperationDetailProps {
  readonly id: string;
  readonly onClose: () => void;
  readonly onOpen: (id: string) => void;
}

/** One operation in a drawer: what it changes, why it fails, and the way on: edit, Save, Synchronize. */
export function OperationDetail({ id, onClose, onOpen }: OperationDetailProps) {
  const { t } = useTranslation('customers');
  const { data, error, refetch } = useQuery(operationQuery(id));
  useLive(isMoving(data) ? LIVE_MS : undefined, refetch);
  return (
    <OverlayDrawer open position="end" className="drawer" onOpenChange={(_, { open }) => open || onClose()}>
      <DrawerHeader>
        <DrawerHeaderTitle
          action={
            <Button appearance="subtle" aria-label={t('detail.close')} onClick={onClose}>
              ✕
            </Button>
          }
        >
          {t('detail.title', { id })}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        {error && <ErrorView error={error} retry={refetch} />}
        {data ? <Detail operation={data} onOpen={onOpen} /> : !error && <Loading />}
      </DrawerBody>
    </OverlayDrawer>
  );
}

/** Whether something happens to it by itself. */
const isMoving = (operation: Operation | undefined) => operation?.status === 'Uploaded' || operation?.status === 'Held';

function Detail({ operation, onOpen }: { readonly operation: Operation; readonly onOpen: (id: string) => void }) {
  const { t } = useTranslation('customers');
  const client = useQueryClient();
  const { id, status, version, attributes, lastError } = operation;
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const changed = changedValues(attributes, typed);
  const isChanged = Object.keys(changed).length > 0;
  const key = operationQuery(id).queryKey;
  const refresh = () =>
    Promise.all([key, [OPERATIONS_PATH], ['explain']].map((queryKey) => client.invalidateQueries({ queryKey })));
  const save = useMutation({
    mutationFn: () =>
      call<Operation>(operationPath(id), { method: 'PATCH', body: { attributes: changed }, ifMatch: version }),
    onSuccess: (saved) => {
      setTyped({});
      client.setQueryData(key, saved);
    },
  });
  const synchronize = useChange({
    send: (idempotencyKey) => call(`${operationPath(id)}/synchronize`, { method: 'POST', idempotencyKey }),
    onSuccess: refresh,
  });
  const loadAgain = async () => {
    await refresh();
    save.reset();
    synchronize.reset();
  };
  const failure = save.error ?? synchronize.error;
  const isOpen = status !== 'Completed' && status !== 'Discarded';
  return (
    <div className="stack">
      <OperationFacts operation={operation} />
      {isOpen && lastError !== null && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{t('detail.error')}</MessageBarTitle> {lastError}
          </MessageBarBody>
        </MessageBar>
      )}
      {isOpen && <ExplanationMessage operation={operation} onOpen={onOpen} />}
      {failure && <ErrorView error={failure} retry={loadAgain} />}
      <OperationValues
        operation={operation}
        typed={typed}
        onType={(name, text) => setTyped({ ...typed, [name]: text })}
      />
      <p role="status">{statusText(operation, t)}</p>
      {status === 'Discarded' && <Discard operation={operation} onSettled={refresh} />}
      {isOpen && (
        <div className="actions">
          <Button
            appearance={isChanged ? 'primary' : 'secondary'}
            disabledFocusable={!isChanged || save.isPending}
            onClick={() => save.mutate()}
          >
            {t('detail.save')}
          </Button>
          <Button
            appearance={isChanged ? 'secondary' : 'primary'}
            disabledFocusable={isChanged || synchronize.isPending}
            title={isChanged ? t('detail.unsaved') : ''}
            onClick={() => synchronize.mutate()}
          >
            {t('detail.synchronize')}
          </Button>
          <Discard operation={operation} onSettled={refresh} />
        </div>
      )}
    </div>
  );
}

function statusText({ status, editedOn, discardedBy, discardReason }: Operation, t: TFunction<'customers'>): string {
  if (status === 'Completed') return t('detail.completed');
  if (status === 'Discarded') return t('discard.done', { who: discardedBy, reason: discardReason });
  if (status === 'Uploaded') return t('detail.synchronizing');
  return editedOn === null ? '' : t('detail.saved');
}
