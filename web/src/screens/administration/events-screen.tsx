import { Badge } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import type { outboxSchema } from '../../../../functions/events/get-outbox.ts';
import { call } from '../../api/call.ts';
import { CALM_MS, useLive } from '../../api/use-live.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import { useFormat } from '../../parts/format.ts';
import { Heading } from '../../parts/heading.tsx';
import { Loading } from '../../parts/loading.tsx';

const PATH = '/events/outbox';

type Outbox = z.infer<typeof outboxSchema>;

/** The outbox: who takes events, how many wait, and why. */
export function Screen() {
  const { t } = useTranslation('administration');
  const { data, error, refetch } = useQuery({
    queryKey: [PATH],
    queryFn: ({ signal }) => call<Outbox>(PATH, { signal }),
  });
  useLive(CALM_MS, refetch);
  return (
    <>
      <Heading title={t('events.title')} />
      <p className="quiet">{t('events.intro')}</p>
      {error && <ErrorView error={error} retry={refetch} />}
      {!data && !error && <Loading />}
      {data && (
        <div className="cards">
          <Receiver title={t('events.topic')} address={data.topic.name} isSetUp={data.topic.isSetUp} />
          <Receiver title={t('events.webhook')} address={data.webhook.url} isSetUp={data.webhook.isSetUp} />
          <Waiting {...data} />
        </div>
      )}
    </>
  );
}

interface ReceiverProps {
  readonly title: string;
  readonly address: string;
  readonly isSetUp: boolean;
}

function Receiver({ title, address, isSetUp }: ReceiverProps) {
  const { t } = useTranslation('administration');
  return (
    <section className="card">
      <h2>{title}</h2>
      <Badge appearance="tint" color={isSetUp ? 'success' : 'informative'}>
        {t(isSetUp ? 'events.isSetUp' : 'events.isNotSetUp')}
      </Badge>
      <p className="address">{address}</p>
    </section>
  );
}

function Waiting({ waiting: { keys, failing, since, lastError }, explanation }: Outbox) {
  const { t } = useTranslation('administration');
  const { time } = useFormat();
  return (
    <section className="card">
      <h2>{t('events.waiting')}</h2>
      <p>{keys === 0 ? t('events.nothing') : t('events.keys', { count: keys })}</p>
      {failing > 0 && <p>{t('events.failing', { count: failing })}</p>}
      {since !== null && <p>{t('events.since', { when: time(since) })}</p>}
      {lastError !== null && (
        <p>
          {t('events.lastError')}: {lastError}
        </p>
      )}
      <p className="quiet">{explanation}</p>
    </section>
  );
}
