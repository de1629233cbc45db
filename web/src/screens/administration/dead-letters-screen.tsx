import { Button, Checkbox } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import type { deadLetterSchema } from '../../../../shared/customers/messages/dead-letters.ts';
import { call } from '../../api/call.ts';
import { CALM_MS } from '../../api/use-live.ts';
import { type DataColumn, DataList } from '../../parts/data-list.tsx';
import { ErrorView } from '../../parts/error-view.tsx';
import { useFormat } from '../../parts/format.ts';
import { Heading } from '../../parts/heading.tsx';

const PATH = '/channel-changes/dead-letters';

type DeadLetter = z.infer<typeof deadLetterSchema>;

/** Offline changes that were given up, and the way back into their queue. */
export function Screen() {
  const { t } = useTranslation('administration');
  const { time, number } = useFormat();
  const client = useQueryClient();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const requeue = useMutation({
    mutationFn: (messageIds: readonly string[] | undefined) =>
      call<{ requeued: number }>(`${PATH}/requeue`, { method: 'POST', body: messageIds ? { messageIds } : {} }),
    onSuccess: () => {
      setSelected(new Set());
      return client.invalidateQueries({ queryKey: [PATH] });
    },
  });
  const select = (id: string, isSelected: boolean) => {
    const others = [...selected].filter((other) => other !== id);
    setSelected(new Set(isSelected ? [...others, id] : others));
  };
  const columns: readonly DataColumn<DeadLetter>[] = [
    {
      title: t('deadLetters.message'),
      share: 2,
      show: ({ messageId }) => (
        <Checkbox
          label={messageId}
          checked={selected.has(messageId)}
          onChange={(_, { checked }) => select(messageId, checked === true)}
        />
      ),
    },
    { title: t('deadLetters.customer'), share: 2, show: ({ sessionId }) => sessionId ?? t('none') },
    { title: t('deadLetters.enqueued'), show: ({ enqueuedOn }) => time(enqueuedOn) },
    { title: t('deadLetters.tries'), share: 0.6, show: ({ deliveryCount }) => number(deliveryCount) },
    {
      title: t('deadLetters.why'),
      share: 3,
      show: ({ refusal, description, reason }) => refusal?.detail ?? description ?? reason ?? t('none'),
    },
  ];
  return (
    <>
      <Heading title={t('deadLetters.title')}>
        <Button disabled={selected.size === 0 || requeue.isPending} onClick={() => requeue.mutate([...selected])}>
          {t('deadLetters.requeueSelected', { count: selected.size })}
        </Button>
        <Button disabled={requeue.isPending} onClick={() => requeue.mutate(undefined)}>
          {t('deadLetters.requeueAll')}
        </Button>
      </Heading>
      <p className="quiet">{t('deadLetters.intro')}</p>
      <p role="status">{requeue.data && t('deadLetters.requeued', { count: requeue.data.requeued })}</p>
      {requeue.error && <ErrorView error={requeue.error} />}
      <DataList<DeadLetter>
        label={t('deadLetters.title')}
        path={PATH}
        columns={columns}
        keyOf={({ sequenceNumber }) => String(sequenceNumber)}
        empty={`${t('deadLetters.empty')} ${t('deadLetters.emptyAdvice')}`}
        everyMs={CALM_MS}
      />
    </>
  );
}
