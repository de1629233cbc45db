import { Field, Input, Select } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { RELATIONSHIPS } from '../../../../shared/catalogue/relationships.ts';
import { DataList } from '../../parts/data-list.tsx';
import { pick, useFilters } from '../../parts/filters.ts';
import { Heading } from '../../parts/heading.tsx';
import { useRecordColumns } from './record-columns.tsx';

/** All tables: each is in some relationship. */
const TABLES = [...new Set(RELATIONSHIPS.flatMap(({ parent, child }) => [parent, child]))];
const STATES = ['Active', 'Inactive', 'Deleted'] as const;

/** Records of a table, found by their searched columns. */
export function Screen() {
  const { t } = useTranslation('records');
  const [filters, change] = useFilters();
  const table = filters.table ?? 'account';
  const columns = useRecordColumns();
  return (
    <>
      <Heading title={t('title')} />
      <search className="filters">
        <Field label={t('table')}>
          <Select value={table} onChange={(_, { value }) => change({ table: value })}>
            {TABLES.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        </Field>
        <Field label={t('search')}>
          <Input type="search" value={filters.search ?? ''} onChange={(_, { value }) => change({ search: value })} />
        </Field>
        <Field label={t('owner')}>
          <Input value={filters.ownerId ?? ''} onChange={(_, { value }) => change({ ownerId: value })} />
        </Field>
        <Field label={t('state')}>
          <Select value={filters.state ?? ''} onChange={(_, { value }) => change({ state: value })}>
            <option value="">{t('anyState')}</option>
            {STATES.map((state) => (
              <option key={state} value={state}>
                {t(`states.${state}`)}
              </option>
            ))}
          </Select>
        </Field>
      </search>
      <DataList
        label={t('title')}
        path={`/tables/${encodeURIComponent(table)}`}
        query={pick(filters, ['search', 'ownerId', 'state'])}
        columns={columns}
        keyOf={({ id }) => id}
        empty={t('empty')}
      />
    </>
  );
}
