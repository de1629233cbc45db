import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import { useMe } from '../../api/me.ts';
import type { ListPage } from '../../api/shapes.ts';
import { CALM_MS, useLive } from '../../api/use-live.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import { useFormat } from '../../parts/format.ts';
import { Heading } from '../../parts/heading.tsx';
import { Loading } from '../../parts/loading.tsx';

interface Concern {
  /** Text of the card: `pausedJobs`. */
  readonly name: string;
  /** The list that is empty when all is well. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** The screen where it is settled. */
  readonly to: string;
  readonly administratorsOnly?: boolean;
}

const CONCERNS: readonly Concern[] = [
  { name: 'pausedJobs', path: '/system-jobs', query: { status: 'Paused' }, to: '/jobs' },
  {
    name: 'failedOperations',
    path: '/customer-sync/operations',
    query: { status: 'Failed' },
    to: '/customer-sync',
    administratorsOnly: true,
  },
  {
    name: 'suspendedSessions',
    path: '/cdx-jobs/sessions',
    query: { status: 'Suspended' },
    to: '/pipeline',
    administratorsOnly: true,
  },
  { name: 'deadLetters', path: '/channel-changes/dead-letters', to: '/dead-letters', administratorsOnly: true },
];

/** What needs a person now. */
export function Screen() {
  const { t } = useTranslation('overview');
  const { isAdministrator } = useMe();
  const shown = CONCERNS.filter(({ administratorsOnly }) => isAdministrator || !administratorsOnly);
  return (
    <>
      <Heading title={t('title')} />
      <p className="quiet">{t('lead')}</p>
      <div className="cards">
        {shown.map((concern) => (
          <Card key={concern.name} {...concern} />
        ))}
      </div>
    </>
  );
}

function Card({ name, path, query = {}, to }: Concern) {
  const { t } = useTranslation('overview');
  const { number } = useFormat();
  const { data, error, refetch } = useQuery({
    queryKey: [path, query, 'overview'],
    queryFn: ({ signal }) => call<ListPage<unknown>>(path, { query, signal }),
  });
  useLive(CALM_MS, refetch);
  if (!data)
    return <section className="card">{error ? <ErrorView error={error} retry={refetch} /> : <Loading />}</section>;
  const count = data.items.length;
  return (
    <section className="card">
      <h2>{t(`${name}.title`)}</h2>
      <div className="big">{number(count) + (data.continuationToken === undefined ? '' : '+')}</div>
      <p>{count === 0 ? t('nothing') : t(`${name}.advice`)}</p>
      {count > 0 && (
        <Link to={to} search={query}>
          {t('open')}
        </Link>
      )}
    </section>
  );
}
