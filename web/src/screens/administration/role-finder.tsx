import { Button, Field, Input } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

/** Opens a role by its name, or a new one. */
export function RoleFinder({ onOpen }: { readonly onOpen: (name: string) => void }) {
  const { t } = useTranslation('administration');
  const [name, setName] = useState('');
  const trimmed = name.trim();
  return (
    <form
      className="filters"
      onSubmit={(event) => {
        event.preventDefault();
        if (trimmed !== '') onOpen(trimmed);
      }}
    >
      <Field label={t('users.roleName')}>
        <Input value={name} onChange={(_, { value }) => setName(value)} />
      </Field>
      <Button type="submit" disabledFocusable={trimmed === ''}>
        {t('users.open')}
      </Button>
    </form>
  );
}
