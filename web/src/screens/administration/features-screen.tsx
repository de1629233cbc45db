import { Switch } from '@fluentui/react-components';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import type { featureBodySchema } from '../../../../shared/customers/configuration/feature.ts';
import { call } from '../../api/call.ts';
import type { ListPage } from '../../api/shapes.ts';
import { useChange } from '../../api/use-change.ts';
import { CALM_MS, useLive } from '../../api/use-live.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import { useFormat } from '../../parts/format.ts';
import { Heading } from '../../parts/heading.tsx';
import { Loading } from '../../parts/loading.tsx';

const PATH = '/features';

type Feature = z.infer<typeof featureBodySchema>;

/** The features of asynchronous customer mode, each with what it needs. */
export function Screen() {
  const { t } = useTranslation('administration');
  const { data, error, refetch } = useQuery({
    queryKey: [PATH],
    queryFn: ({ signal }) => call<ListPage<Feature>>(PATH, { signal }),
  });
  useLive(CALM_MS, refetch);
  return (
    <>
      <Heading title={t('features.title')} />
      <p className="quiet">{t('features.intro')}</p>
      {error && <ErrorView error={error} retry={refetch} />}
      {!data && !error && <Loading />}
      <div className="cards">
        {data?.items.map((feature) => (
          <FeatureCard key={feature.key} feature={feature} />
        ))}
      </div>
    </>
  );
}

function FeatureCard({ feature }: { readonly feature: Feature }) {
  const { t } = useTranslation('administration');
  const { time, list } = useFormat();
  const client = useQueryClient();
  const { key, enabled, prerequisites, history, version } = feature;
  const nameOf = (each: string) => t(`features.name.${each}`);
  const turn = useChange({
    send: (idempotencyKey, wanted: boolean) =>
      call(`${PATH}/${key}`, { method: 'PUT', body: { enabled: wanted }, ifMatch: version, idempotencyKey }),
    onSettled: () => client.invalidateQueries({ queryKey: [PATH] }),
  });
  return (
    <section className="card">
      <Switch
        label={nameOf(key)}
        checked={enabled}
        disabled={turn.isPending}
        onChange={(_, { checked }) => turn.mutate(checked)}
      />
      <p className="quiet">
        {prerequisites.length === 0
          ? t('features.noneNeeded')
          : t('features.needs', { features: list(prerequisites.map(nameOf)) })}
      </p>
      {turn.error && <ErrorView error={turn.error} />}
      {history.length > 0 && (
        <details>
          <summary>{t('features.history')}</summary>
          <ul>
            {history.map((change) => (
              <li key={change.on}>
                {t(change.enabled ? 'features.switchedOn' : 'features.switchedOff', {
                  when: time(change.on),
                  who: change.by,
                })}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
