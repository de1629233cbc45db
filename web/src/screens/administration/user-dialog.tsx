import { Checkbox, Field, Input } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { USERS_PATH, type User } from './users.ts';

export interface UserDialogProps {
  /** Absent: a new one. */
  readonly user?: User;
  readonly onClose: () => void;
}

/** Makes or changes a user. */
export function UserDialog({ user, onClose }: UserDialogProps) {
  const { t } = useTranslation('administration');
  const client = useQueryClient();
  const [id, setId] = useState(user?.id ?? '');
  const [name, setName] = useState(user?.name ?? '');
  const [roles, setRoles] = useState(user?.roles.join(', ') ?? '');
  const [enabled, setEnabled] = useState(user?.enabled ?? true);
  const save = useMutation({
    mutationFn: () =>
      call(`${USERS_PATH}/${encodeURIComponent(id)}`, {
        method: 'PUT',
        body: { name, enabled, roles: namesIn(roles) },
        ...(user && { ifMatch: user.version }),
      }),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: [USERS_PATH] }),
  });
  return (
    <FormDialog
      title={user ? t('users.editTitle', { id }) : t('users.addTitle')}
      action={t('save')}
      disabled={id.trim() === '' || name.trim() === '' || save.isPending}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {!user && (
        <Field label={t('users.id')} required>
          <Input value={id} onChange={(_, { value }) => setId(value)} />
        </Field>
      )}
      <Field label={t('users.name')} required>
        <Input value={name} onChange={(_, { value }) => setName(value)} />
      </Field>
      <Field label={t('users.roles')} hint={t('users.rolesHint')}>
        <Input value={roles} onChange={(_, { value }) => setRoles(value)} />
      </Field>
      <Checkbox
        label={t('users.enabled')}
        checked={enabled}
        onChange={(_, { checked }) => setEnabled(checked === true)}
      />
    </FormDialog>
  );
}

function namesIn(text: string): string[] {
  const names = text.split(',').map((each) => each.trim());
  return [...new Set(names.filter((each) => each !== ''))];
}
