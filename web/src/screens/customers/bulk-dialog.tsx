import {
  Button,
  Checkbox,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  ProgressBar,
} from '@fluentui/react-components';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import { useChange } from '../../api/use-change.ts';
import { LIVE_MS, useLive } from '../../api/use-live.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import { BulkOutcome } from './bulk-outcome.tsx';
import { BULK_PATH, type BulkChange, type BulkTarget, OPERATIONS_PATH } from './operations.ts';

interface Change {
  readonly key: number;
  readonly name: string;
  readonly value: string;
}

export interface BulkDialogProps {
  readonly target: BulkTarget;
  readonly onClose: () => void;
}

/** Save and Synchronize for many operations. It is tried out first, and only then offered in earnest. */
export function BulkDialog({ target, onClose }: BulkDialogProps) {
  const { t } = useTranslation('customers');
  const client = useQueryClient();
  const [changes, setChanges] = useState<readonly Change[]>([{ key: 0, name: '', value: '' }]);
  const [synchronize, setSynchronize] = useState(true);
  const start = useChange({
    send: async (idempotencyKey, { dryRun }: { readonly dryRun: boolean }) => {
      const named = changes
        .filter(({ name }) => name !== '')
        .map(({ name, value }) => [name, value === '' ? null : value]);
      const body = { ...target, changes: Object.fromEntries(named), synchronize, dryRun };
      const { bulkId } = await call<{ bulkId: string }>(BULK_PATH, { method: 'POST', body, idempotencyKey });
      return { bulkId, dryRun };
    },
  });
  const bulk = useQuery({
    queryKey: ['bulk', start.data?.bulkId],
    queryFn: () => call<BulkChange>(`${BULK_PATH}/${start.data?.bulkId}`),
    enabled: start.data !== undefined,
  });
  useLive(start.data === undefined || isEnded(bulk.data) ? undefined : LIVE_MS, bulk.refetch);
  const begin = (dryRun: boolean) => start.mutate({ dryRun });
  const isTriedOut = start.data?.dryRun === true && bulk.data?.status === 'Completed';
  const isWorking = start.isPending || (start.data !== undefined && !bulk.error && !isEnded(bulk.data));
  const isDone = start.data?.dryRun === false && isEnded(bulk.data);
  const isNothing = !synchronize && changes.every(({ name }) => name === '');
  const change = (key: number, part: Partial<Change>) => {
    start.reset();
    setChanges(changes.map((each) => (each.key === key ? { ...each, ...part } : each)));
  };
  const close = () => {
    void client.invalidateQueries({ queryKey: [OPERATIONS_PATH] });
    onClose();
  };
  const failure = start.error ?? bulk.error;
  return (
    <Dialog open onOpenChange={(_, { open }) => open || close()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{t('bulk.title')}</DialogTitle>
          <DialogContent className="stack">
            <p>{'ids' in target ? t('bulk.target', { count: target.ids.length }) : t('bulk.targetAll')}</p>
            {changes.map(({ key, name, value }) => (
              <div key={key} className="bulk-change">
                <Field label={t('bulk.attribute')}>
                  <Input value={name} onChange={(_, data) => change(key, { name: data.value.trim() })} />
                </Field>
                <Field label={t('bulk.value')}>
                  <Input value={value} onChange={(_, data) => change(key, { value: data.value })} />
                </Field>
                <Button
                  appearance="subtle"
                  aria-label={t('bulk.remove', { name })}
                  onClick={() => setChanges(changes.filter((each) => each.key !== key))}
                >
                  ✕
                </Button>
              </div>
            ))}
            <div>
              <Button
                size="small"
                onClick={() => setChanges([...changes, { key: nextKey(changes), name: '', value: '' }])}
              >
                {t('bulk.add')}
              </Button>
            </div>
            <Checkbox
              label={t('bulk.synchronize')}
              checked={synchronize}
              onChange={(_, { checked }) => {
                start.reset();
                setSynchronize(checked === true);
              }}
            />
            {isWorking && (
              <Field
                validationState="none"
                validationMessage={t(start.variables?.dryRun === false ? 'bulk.applying' : 'bulk.trying')}
              >
                <ProgressBar />
              </Field>
            )}
            {failure && <ErrorView error={failure} />}
            <div role="status">
              {bulk.data && isEnded(bulk.data) && <BulkOutcome bulk={bulk.data} dryRun={start.data?.dryRun === true} />}
            </div>
          </DialogContent>
          <DialogActions fluid>
            <Button onClick={close}>{t('bulk.cancel')}</Button>
            {!isDone && (
              <Button
                appearance={isTriedOut ? 'secondary' : 'primary'}
                disabled={isWorking || isNothing}
                onClick={() => begin(true)}
              >
                {t('bulk.tryOut')}
              </Button>
            )}
            {isTriedOut && (
              <Button appearance="primary" onClick={() => begin(false)}>
                {t('bulk.apply')}
              </Button>
            )}
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function isEnded(bulk: BulkChange | undefined): boolean {
  return bulk?.status === 'Completed' || bulk?.status === 'Failed';
}

function nextKey(changes: readonly Change[]): number {
  return Math.max(-1, ...changes.map(({ key }) => key)) + 1;
}
