import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { RELATIONSHIPS } from '../../../../shared/catalogue/relationships.ts';
import { call } from '../../api/call.ts';
import type { ExplainedAccess, ListPage, RecordBody } from '../../api/shapes.ts';
import { DataList } from '../../parts/data-list.tsx';
import { ErrorView } from '../../parts/error-view.tsx';
import { useFormat } from '../../parts/format.ts';
import { Heading } from '../../parts/heading.tsx';
import { Loading } from '../../parts/loading.tsx';
import { nameOf, recordPath, useTableName } from '../../parts/record-name.ts';
import { useRecordColumns } from './record-columns.tsx';
import { StartCascade } from './start-cascade.tsx';

/** One record: its columns, access, and what is under it; the cascades that begin with it. */
export function Screen() {
  const { t } = useTranslation('records');
  const { table = '', id = '' } = useParams({ strict: false });
  const path = recordPath(table, id);
  const tableName = useTableName();
  const {
    data: record,
    error,
    refetch,
  } = useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => call<RecordBody>(path, { signal }),
  });
  const columns = useRecordColumns();
  if (!record) return error ? <ErrorView error={error} retry={refetch} /> : <Loading />;
  return (
    <>
      <Heading title={`${tableName(table)} ${nameOf(record)}`} />
      <StartCascade record={record} path={path} />
      <section className="section">
        <h2>{t('columns')}</h2>
        <dl className="facts">
          {Object.entries(record)
            .filter(([, value]) => typeof value !== 'object')
            .map(([name, value]) => (
              <div key={name} className="fact">
                <dt>{name}</dt>
                <dd>{String(value)}</dd>
              </div>
            ))}
        </dl>
      </section>
      <Access path={path} />
      {RELATIONSHIPS.filter(({ parent }) => parent === table).map(({ name }) => (
        <section className="section" key={name}>
          <h2>{name}</h2>
          <DataList<RecordBody>
            label={name}
            path={`${path}/related/${name}`}
            columns={columns}
            keyOf={(each) => each.id}
            empty={t('noRelated')}
          />
        </section>
      ))}
    </>
  );
}

interface Share {
  readonly principal: string;
  readonly direct: readonly string[];
  readonly inherited: readonly { readonly from: string; readonly rights: readonly string[] }[];
}

/** What the caller may do with the record and why, and whom it is shared with. */
function Access({ path }: { readonly path: string }) {
  const { t } = useTranslation('records');
  const { list } = useFormat();
  const access = useQuery({
    queryKey: [path, 'access'],
    queryFn: ({ signal }) => call<ExplainedAccess>(`${path}/access`, { signal }),
  });
  const shares = useQuery({
    queryKey: [path, 'shares'],
    queryFn: ({ signal }) => call<ListPage<Share>>(`${path}/shares`, { signal }),
  });
  return (
    <section className="section">
      <h2>{t('access')}</h2>
      {access.error && <ErrorView error={access.error} retry={access.refetch} />}
      <ul>
        {access.data?.because.map(({ kind, from = '', rights }) => (
          <li key={kind + from}>
            {t(`because.${kind}`, { from })}: {list(rights)}
          </li>
        ))}
      </ul>
      <h2>{t('shares')}</h2>
      {shares.error && <ErrorView error={shares.error} retry={shares.refetch} />}
      {shares.data?.items.length === 0 && <p className="quiet">{t('noShares')}</p>}
      <ul>
        {shares.data?.items.map(({ principal, direct, inherited }) => (
          <li key={principal}>
            {principal}: {list([...new Set([...direct, ...inherited.flatMap(({ rights }) => rights)])])}
          </li>
        ))}
      </ul>
    </section>
  );
}
