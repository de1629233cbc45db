import { Badge, Button, Link } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { type DataColumn, DataList } from '../../parts/data-list.tsx';
import { ErrorView } from '../../parts/error-view.tsx';
import { Heading } from '../../parts/heading.tsx';
import { RoleDialog } from './role-dialog.tsx';
import { RoleFinder } from './role-finder.tsx';
import { UserDialog } from './user-dialog.tsx';
import { USERS_PATH, type User } from './users.ts';

/** Users of headquarters, and the roles that say what they may do. */
export function Screen() {
  const { t } = useTranslation('administration');
  const client = useQueryClient();
  const [edited, setEdited] = useState<User | 'new'>();
  const [role, setRole] = useState<string>();
  const remove = useMutation({
    mutationFn: ({ id, version }: User) =>
      call(`${USERS_PATH}/${encodeURIComponent(id)}`, { method: 'DELETE', ifMatch: version }),
    onSettled: () => client.invalidateQueries({ queryKey: [USERS_PATH] }),
  });
  const columns: readonly DataColumn<User>[] = [
    { title: t('users.id'), show: ({ id }) => id },
    { title: t('users.name'), share: 1.5, show: ({ name }) => name },
    {
      title: t('users.roles'),
      share: 1.5,
      show: ({ roles }) => (
        <div className="actions">
          {roles.map((name) => (
            <Link key={name} as="button" aria-label={t('users.openRole', { name })} onClick={() => setRole(name)}>
              {name}
            </Link>
          ))}
        </div>
      ),
    },
    {
      title: t('users.state'),
      show: ({ enabled }) => (
        <Badge appearance="tint" color={enabled ? 'success' : 'informative'}>
          {t(enabled ? 'users.enabled' : 'users.disabled')}
        </Badge>
      ),
    },
    {
      title: t('channels.commands'),
      share: 1.5,
      show: (user) => (
        <div className="actions">
          <Button size="small" onClick={() => setEdited(user)}>
            {t('edit', { name: user.id })}
          </Button>
          <Confirm
            action={t('users.remove', { name: user.id })}
            consequence={t('users.removeQuestion', { name: user.name })}
            onConfirm={() => remove.mutate(user)}
          />
        </div>
      ),
    },
  ];
  return (
    <>
      <Heading title={t('users.title')}>
        <Button appearance="primary" onClick={() => setEdited('new')}>
          {t('users.add')}
        </Button>
      </Heading>
      <p className="quiet">{t('users.intro')}</p>
      <RoleFinder onOpen={setRole} />
      {remove.error && <ErrorView error={remove.error} />}
      <DataList<User>
        label={t('users.title')}
        path={USERS_PATH}
        columns={columns}
        keyOf={({ id }) => id}
        empty={`${t('users.empty')} ${t('users.emptyAdvice')}`}
      />
      {edited && <UserDialog {...(edited !== 'new' && { user: edited })} onClose={() => setEdited(undefined)} />}
      {role !== undefined && <RoleDialog key={role} name={role} onClose={() => setRole(undefined)} />}
    </>
  );
}
