import './administration.css';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import type { ListPage } from '../../api/shapes.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import { Heading } from '../../parts/heading.tsx';
import { Loading } from '../../parts/loading.tsx';
import { RelationshipRow } from './relationship-row.tsx';
import { ACTIONS, RELATIONSHIPS_PATH, type Relationship } from './relationships.ts';

/** Relationships as a matrix: what each action does, and the preset that this is. */
export function Screen() {
  const { t } = useTranslation('administration');
  const { data, error, refetch } = useQuery({
    queryKey: [RELATIONSHIPS_PATH],
    queryFn: ({ signal }) => call<ListPage<Relationship>>(RELATIONSHIPS_PATH, { query: { pageSize: '500' }, signal }),
  });
  return (
    <>
      <Heading title={t('relationships.title')} />
      <p className="quiet">{t('relationships.intro')}</p>
      {error && <ErrorView error={error} retry={refetch} />}
      {!data && !error && <Loading />}
      {data && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so that the keyboard must reach it
        <section className="wide" tabIndex={0} aria-label={t('relationships.title')}>
          <table className="plain matrix">
            <thead>
              <tr>
                <th scope="col">{t('relationships.relationship')}</th>
                <th scope="col">{t('relationships.preset')}</th>
                {ACTIONS.map((action) => (
                  <th scope="col" key={action}>
                    {t(`relationships.action.${action}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.items.map((relationship) => (
                <RelationshipRow key={`${relationship.name} ${relationship.version}`} relationship={relationship} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}
