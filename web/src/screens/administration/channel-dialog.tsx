import { Checkbox, Field, Input, Select } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import { useChange } from '../../api/use-change.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { CHANNELS_PATH, type Channel } from './channels.ts';

const KINDS = ['POS', 'ECommerce'] as const;

export interface ChannelDialogProps {
  /** Absent: a new one. */
  readonly channel?: Channel;
  readonly onClose: () => void;
}

/** Makes or changes a channel. */
export function ChannelDialog({ channel, onClose }: ChannelDialogProps) {
  const { t } = useTranslation('administration');
  const client = useQueryClient();
  const [id, setId] = useState(channel?.id ?? '');
  const [name, setName] = useState(channel?.name ?? '');
  const [kind, setKind] = useState<Channel['kind']>(channel?.kind ?? 'POS');
  const [isAsync, setAsync] = useState(channel?.profile.createCustomerInAsyncMode ?? true);
  const [customer, setCustomer] = useState(channel?.defaultCustomer ?? '');
  const save = useChange({
    send: (idempotencyKey) =>
      call(`${CHANNELS_PATH}/${encodeURIComponent(id)}`, {
        method: 'PUT',
        body: { name, kind, profile: { createCustomerInAsyncMode: isAsync }, defaultCustomer: customer || null },
        idempotencyKey,
        ...(channel && { ifMatch: channel.version }),
      }),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: [CHANNELS_PATH] }),
  });
  return (
    <FormDialog
      title={channel ? t('channels.editTitle', { id }) : t('channels.addTitle')}
      action={t('save')}
      disabled={id.trim() === '' || name.trim() === '' || save.isPending}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {!channel && (
        <Field label={t('channels.id')} required>
          <Input value={id} onChange={(_, { value }) => setId(value)} />
        </Field>
      )}
      <Field label={t('channels.name')} required>
        <Input value={name} onChange={(_, { value }) => setName(value)} />
      </Field>
      <Field label={t('channels.kind')}>
        <Select value={kind} onChange={(_, { value }) => setKind(KINDS.find((each) => each === value) ?? 'POS')}>
          {KINDS.map((each) => (
            <option key={each} value={each}>
              {t(`channels.kinds.${each}`)}
            </option>
          ))}
        </Select>
      </Field>
      <Checkbox
        label={t('channels.async')}
        checked={isAsync}
        onChange={(_, { checked }) => setAsync(checked === true)}
      />
      <Field label={t('channels.defaultCustomer')} hint={t('channels.defaultCustomerHint')}>
        <Input value={customer} onChange={(_, { value }) => setCustomer(value)} />
      </Field>
    </FormDialog>
  );
}
