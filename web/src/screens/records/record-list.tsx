import { Field, Select } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { DataList } from '../../parts/data-list.tsx';
import { pick, useFilters } from '../../parts/filters.ts';
import { Heading } from '../../parts/heading.tsx';
import { TABLES, useTableName } from '../../parts/record-name.ts';
import { RestingInput } from '../../parts/resting-input.tsx';
import { useRecordColumns } from './record-columns.tsx';

const STATES = ['Active', 'Inactive', 'Deleted'] as const;

/** Records of a table, found by their searched columns. */
export function Screen() {
  const { t } = useTranslation('records');
  const [filters, change] = useFilters();
  const table = filters.table ?? 'account';
  const columns = useRecordColumns();
  const tableName = useTableName();
  return (
    <>
      <Heading title={t('title')} />
      <search className="filters">
        <Field label={t('table')}>
          <Select value={table} onChange={(_, { value }) => change({ table: value })}>
            {TABLES.map((each) => (
              <option key={each} value={each}>
                {tableName(each)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t('search')}>
          <RestingInput value={filters.search ?? ''} onRest={(value) => change({ search: value })} />
        </Field>
        <Field label={t('owner')}>
          <RestingInput value={filters.ownerId ?? ''} onRest={(value) => change({ ownerId: value })} />
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
