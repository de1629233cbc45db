import { Button, Field, Input, Select } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RELATIONSHIPS } from '../../../../shared/catalogue/relationships.ts';
import { call } from '../../api/call.ts';
import type { RecordBody } from '../../api/shapes.ts';
import { useChange } from '../../api/use-change.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import { isForbidden, type Preview, PreviewView } from '../../parts/preview-view.tsx';

const ACTIONS = ['assign', 'share', 'unshare', 'reparent', 'merge', 'delete'] as const;
type Action = (typeof ACTIONS)[number];
const SHARED_RIGHTS = ['Read', 'Write'] as const;

interface Request {
  readonly action: Action;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Starts a cascade from a record: first what it would come to, then the job. */
export function StartCascade({ record, path }: { readonly record: RecordBody; readonly path: string }) {
  const { t } = useTranslation('records');
  const navigate = useNavigate();
  const [action, setAction] = useState<Action>('assign');
  const [target, setTarget] = useState('');
  const [relationship, setRelationship] = useState('');
  const lookups = RELATIONSHIPS.filter(({ child }) => child === record.table).map(({ name }) => name);
  const request = { action, body: bodyOf(action, target.trim(), relationship || (lookups[0] ?? '')) };
  const preview = useMutation({
    mutationFn: ({ action: asked, body }: Request) =>
      call<Preview>(`${path}/preview`, { method: 'POST', body: { action: asked, ...body } }),
  });
  const start = useChange({
    send: (idempotencyKey, { action: asked, body }: Request) =>
      call<{ readonly jobId: string }>(asked === 'delete' ? path : `${path}/${asked}`, {
        method: asked === 'delete' ? 'DELETE' : 'POST',
        ifMatch: record.version,
        idempotencyKey,
        ...(asked !== 'delete' && { body }),
      }),
    onSuccess: ({ jobId }) => navigate({ to: '/jobs/$jobId', params: { jobId } }),
  });
  /** What was previewed is what is started; any change asks for another preview. */
  const changed = () => {
    preview.reset();
    start.reset();
  };
  if (record.state === 'Deleted') return null;
  const shown = preview.data;
  return (
    <section className="section card">
      <h2>{t('start.title')}</h2>
      <div className="filters">
        <Field label={t('start.action')}>
          <Select
            value={action}
            onChange={(_, { value }) => {
              setAction(ACTIONS.find((each) => each === value) ?? 'assign');
              changed();
            }}
          >
            {ACTIONS.map((each) => (
              <option key={each} value={each}>
                {t(`actions.${each}`)}
              </option>
            ))}
          </Select>
        </Field>
        {action === 'reparent' && (
          <Field label={t('start.relationship')}>
            <Select
              value={relationship}
              onChange={(_, { value }) => {
                setRelationship(value);
                changed();
              }}
            >
              {lookups.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          </Field>
        )}
        {action !== 'delete' && (
          <Field label={t(`targets.${action}`)}>
            <Input
              value={target}
              onChange={(_, { value }) => {
                setTarget(value);
                changed();
              }}
            />
          </Field>
        )}
        <Button appearance="primary" disabled={preview.isPending} onClick={() => preview.mutate(request)}>
          {t('start.preview')}
        </Button>
      </div>
      {preview.error && <ErrorView error={preview.error} />}
      {shown && <PreviewView preview={shown} />}
      {shown && (
        <Button disabled={start.isPending || isForbidden(shown)} onClick={() => start.mutate(request)}>
          {t('start.go')}
        </Button>
      )}
      {start.error && <ErrorView error={start.error} />}
    </section>
  );
}

function bodyOf(action: Action, target: string, relationship: string): Record<string, unknown> {
  switch (action) {
    case 'assign':
      return { ownerId: target };
    case 'share':
      return { principal: target, rights: SHARED_RIGHTS };
    case 'unshare':
      return { principal: target };
    case 'reparent':
      return { relationship, parentId: target === '' ? null : target };
    case 'merge':
      return { subordinateId: target };
    case 'delete':
      return {};
  }
}
