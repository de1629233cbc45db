import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiProblem, call } from '../../api/call.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { Loading } from '../../parts/loading.tsx';
import { RoleMatrix } from './role-matrix.tsx';
import { type Grant, type Role, rolePath } from './users.ts';

export interface RoleDialogProps {
  readonly name: string;
  readonly onClose: () => void;
}

/** A role that isn't there yet. */
const newRole = (name: string): Role => ({ name, privileges: [], builtIn: false, version: 0 });

/** Shows a role, changes it, or makes it where there is none. */
export function RoleDialog({ name, onClose }: RoleDialogProps) {
  const { t } = useTranslation('administration');
  const client = useQueryClient();
  const path = rolePath(name);
  const [edited, setEdited] = useState<readonly Grant[]>();
  const { data, error } = useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => call<Role>(path, { signal }).catch((problem: unknown) => absent(problem, name)),
  });
  const save = useMutation({
    mutationFn: () =>
      call(path, {
        method: 'PUT',
        body: { privileges: edited ?? [] },
        ...(data && data.version > 0 && { ifMatch: data.version }),
      }),
    onSuccess: onClose,
    onSettled: () => client.invalidateQueries({ queryKey: [path] }),
  });
  return (
    <FormDialog
      title={t('users.openRole', { name })}
      action={t('save')}
      disabled={edited === undefined || save.isPending}
      error={error ?? save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {!data && !error && <Loading />}
      {data?.builtIn && <p>{t('users.builtIn')}</p>}
      {data?.version === 0 && <p>{t('users.newRole')}</p>}
      {data && <RoleMatrix grants={edited ?? data.privileges} isFixed={data.builtIn} onChange={setEdited} />}
    </FormDialog>
  );
}

function absent(problem: unknown, name: string): Role {
  if (problem instanceof ApiProblem && problem.status === 404) return newRole(name);
  throw problem;
}
