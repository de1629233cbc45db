import { Button } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import { type DataColumn, DataList } from '../../parts/data-list.tsx';
import { ErrorView } from '../../parts/error-view.tsx';
import { Heading } from '../../parts/heading.tsx';
import { ChannelDialog } from './channel-dialog.tsx';
import { CHANNELS_PATH, type Channel } from './channels.ts';

/** Channels: stores and web shops with their profile. */
export function Screen() {
  const { t } = useTranslation('administration');
  const [edited, setEdited] = useState<Channel | 'new'>();
  const refresh = useMutation({
    mutationFn: ({ id }: Channel) =>
      call(`${CHANNELS_PATH}/${encodeURIComponent(id)}/cache/refresh`, { method: 'POST' }),
  });
  const columns: readonly DataColumn<Channel>[] = [
    { title: t('channels.id'), show: ({ id }) => id },
    { title: t('channels.name'), share: 2, show: ({ name }) => name },
    { title: t('channels.kind'), show: ({ kind }) => t(`channels.kinds.${kind}`) },
    {
      title: t('channels.async'),
      share: 1.5,
      show: ({ profile }) => t(profile.createCustomerInAsyncMode ? 'yes' : 'no'),
    },
    {
      title: t('channels.commands'),
      share: 2,
      show: (channel) => (
        <div className="actions">
          <Button size="small" onClick={() => setEdited(channel)}>
            {t('edit', { name: channel.id })}
          </Button>
          <Button
            size="small"
            aria-label={t('channels.refreshOf', { name: channel.id })}
            disabledFocusable={refresh.isPending}
            onClick={() => refresh.mutate(channel)}
          >
            {t('channels.refresh')}
          </Button>
        </div>
      ),
    },
  ];
  return (
    <>
      <Heading title={t('channels.title')}>
        <Button appearance="primary" onClick={() => setEdited('new')}>
          {t('channels.add')}
        </Button>
      </Heading>
      <p className="quiet">{t('channels.intro')}</p>
      <p role="status">{refresh.isSuccess && t('channels.refreshed', { name: refresh.variables.id })}</p>
      {refresh.error && <ErrorView error={refresh.error} />}
      <DataList<Channel>
        label={t('channels.title')}
        path={CHANNELS_PATH}
        columns={columns}
        keyOf={({ id }) => id}
        empty={`${t('channels.empty')} ${t('channels.emptyAdvice')}`}
      />
      {edited && <ChannelDialog {...(edited !== 'new' && { channel: edited })} onClose={() => setEdited(undefined)} />}
    </>
  );
}
