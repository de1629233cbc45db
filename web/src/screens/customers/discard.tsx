import { Button, Checkbox, Field, Textarea } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import { useChange } from '../../api/use-change.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { type Operation, operationPath } from './operations.ts';

export interface DiscardProps {
  readonly operation: Operation;
  /** It was discarded or reinstated, or that was refused. */
  readonly onSettled: () => unknown;
}

/** Discards an operation that is not applied, with a reason; or puts a discarded one back. */
export function Discard({ operation: { id, status, operation }, onSettled }: DiscardProps) {
  const { t } = useTranslation('customers');
  const [isOpen, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const [withLater, setWithLater] = useState(false);
  const discard = useChange({
    send: (idempotencyKey, body: { readonly reason: string; readonly withLater: boolean }) =>
      call(`${operationPath(id)}/discard`, { method: 'POST', body, idempotencyKey }),
    onSuccess: () => setOpen(false),
    onSettled,
  });
  const reinstate = useChange({
    send: (idempotencyKey) => call(`${operationPath(id)}/reinstate`, { method: 'POST', idempotencyKey }),
    onSettled,
  });
  if (status === 'Discarded') {
    return (
      <>
        <Button disabledFocusable={reinstate.isPending} onClick={() => reinstate.mutate()}>
          {t('discard.reinstate')}
        </Button>
        {reinstate.error && <ErrorView error={reinstate.error} />}
      </>
    );
  }
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('discard.open')}</Button>
      {isOpen && (
        <FormDialog
          title={t('discard.title')}
          action={t('discard.action')}
          disabled={reason.trim() === '' || discard.isPending}
          error={discard.error}
          onSubmit={() => discard.mutate({ reason, withLater })}
          onClose={() => setOpen(false)}
        >
          <p>{t('discard.consequence')}</p>
          <Field label={t('discard.reason')} required>
            <Textarea value={reason} onChange={(_, { value }) => setReason(value)} maxLength={1_000} />
          </Field>
          {operation === 'createCustomer' && (
            <Checkbox
              label={t('discard.withLater')}
              checked={withLater}
              onChange={(_, { checked }) => setWithLater(checked === true)}
            />
          )}
        </FormDialog>
      )}
    </>
  );
}
