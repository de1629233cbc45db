import './administration.css';
import { Button } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callVersioned } from '../../api/call.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import { Heading } from '../../parts/heading.tsx';
import { Loading } from '../../parts/loading.tsx';
import { SettingInput } from './setting-input.tsx';
import { groupsOf, patchOf, type SettingsTree, type TypedSettings } from './settings-form.ts';

const PATH = '/settings';

/** Run-time settings by group. Only what was changed is saved, and only over the version that was shown. */
export function Screen() {
  const { t } = useTranslation('administration');
  const client = useQueryClient();
  const [typed, setTyped] = useState<TypedSettings>({});
  const { data, error, refetch } = useQuery({
    queryKey: [PATH],
    queryFn: ({ signal }) => callVersioned<SettingsTree>(PATH, { signal }),
  });
  const groups = data ? groupsOf(data.body) : [];
  const isChanged = Object.keys(typed).length > 0;
  const save = useMutation({
    mutationFn: (body: Record<string, unknown>) =>
      callVersioned<SettingsTree>(PATH, { method: 'PATCH', body, ifMatch: data?.version ?? 0 }),
    onSuccess: (saved) => {
      client.setQueryData([PATH], saved);
      setTyped({});
    },
  });
  const loadAgain = async () => {
    await refetch();
    save.reset();
  };
  return (
    <>
      <Heading title={t('settings.title')}>
        <Button
          appearance="primary"
          disabledFocusable={!isChanged || save.isPending}
          onClick={() => save.mutate(patchOf(groups, typed))}
        >
          {t('save')}
        </Button>
        <Button disabledFocusable={!isChanged} onClick={() => setTyped({})}>
          {t('undo')}
        </Button>
      </Heading>
      <p className="quiet">{t('settings.intro')}</p>
      <p role="status">{save.isSuccess && !isChanged && t('saved')}</p>
      {error && <ErrorView error={error} retry={refetch} />}
      {save.error && <ErrorView error={save.error} retry={loadAgain} />}
      {!data && !error && <Loading />}
      {groups.map(({ name, fields }) => (
        <section key={name ?? ''} className="section">
          <h2>{t(name === undefined ? 'settings.general' : `settings.label.${name}`)}</h2>
          <div className="settings">
            {fields.map((field) => (
              <SettingInput
                key={field.path}
                field={field}
                typed={typed[field.path]}
                onChange={(input) => setTyped({ ...typed, [field.path]: input })}
              />
            ))}
          </div>
        </section>
      ))}
    </>
  );
}
