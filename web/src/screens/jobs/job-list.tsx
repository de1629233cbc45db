import { Button, Field, Select } from '@fluentui/react-components';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { JOB_STATUSES } from '../../../../shared/cascade/jobs/job-status.ts';
import { useMe } from '../../api/me.ts';
import type { Job } from '../../api/shapes.ts';
import { LIVE_MS } from '../../api/use-live.ts';
import { type DataColumn, DataList } from '../../parts/data-list.tsx';
import { DayInput, dayStart } from '../../parts/day-input.tsx';
import { pick, useFilters } from '../../parts/filters.ts';
import { useFormat } from '../../parts/format.ts';
import { Heading } from '../../parts/heading.tsx';
import { TABLES, useTableName } from '../../parts/record-name.ts';
import { RestingInput } from '../../parts/resting-input.tsx';
import { JobProgress } from './job-progress.tsx';
import { JobTitle } from './job-title.tsx';
import { StatusBadge } from './status-badge.tsx';

const VIEWS = ['cascade'] as const;
const ACTIONS: readonly Job['action'][] = [
  ...(['assign', 'delete', 'merge', 'share', 'unshare', 'reparent'] as const),
  ...(['revokeInheritedAccess', 'reconcileAccess', 'undo'] as const),
];

const FILTERS = ['status', 'action', 'createdBy', 'record', 'table', 'from', 'to'] as const;

/** System jobs, with the view "Cascade Operations". */
export function Screen() {
  const { t } = useTranslation('jobs');
  const { time } = useFormat();
  const [filters] = useFilters();
  const columns: readonly DataColumn<Job>[] = [
    {
      title: t('column.name'),
      share: 3,
      show: (job) => (
        <Link to="/jobs/$jobId" params={{ jobId: job.id }}>
          <JobTitle job={job} />
        </Link>
      ),
    },
    { title: t('column.status'), show: ({ status }) => <StatusBadge status={status} /> },
    { title: t('column.progress'), share: 2, show: (job) => <JobProgress job={job} /> },
    { title: t('column.createdBy'), show: ({ createdBy }) => createdBy },
    { title: t('column.createdOn'), show: ({ createdOn }) => time(createdOn) },
  ];
  return (
    <>
      <Heading title={t('title')} />
      <JobFilters />
      <DataList<Job>
        label={t('view.cascade')}
        path="/system-jobs"
        query={{
          ...pick(filters, ['view', 'status', 'action', 'createdBy', 'record', 'table']),
          from: dayStart(filters.from),
          to: dayStart(filters.to, 1),
        }}
        columns={columns}
        keyOf={({ id }) => id}
        empty={t('empty')}
        everyMs={LIVE_MS}
      />
    </>
  );
}

function JobFilters() {
  const { t } = useTranslation('jobs');
  const { isAdministrator } = useMe();
  const tableName = useTableName();
  const [filters, change] = useFilters();
  return (
    <search className="filters">
      <Field label={t('filter.view')}>
        <Select value={filters.view ?? 'cascade'} onChange={(_, { value }) => change({ view: value })}>
          {VIEWS.map((view) => (
            <option key={view} value={view}>
              {t(`view.${view}`)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t('column.status')}>
        <Select value={filters.status ?? ''} onChange={(_, { value }) => change({ status: value })}>
          <option value="">{t('filter.all')}</option>
          {JOB_STATUSES.map((status) => (
            <option key={status} value={status}>
              {t(`status.${status}`)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t('filter.action')}>
        <Select value={filters.action ?? ''} onChange={(_, { value }) => change({ action: value })}>
          <option value="">{t('filter.all')}</option>
          {ACTIONS.map((action) => (
            <option key={action} value={action}>
              {t(`action.${action}`)}
            </option>
          ))}
        </Select>
      </Field>
      {isAdministrator && (
        <Field label={t('column.createdBy')}>
          <RestingInput value={filters.createdBy ?? ''} onRest={(value) => change({ createdBy: value })} />
        </Field>
      )}
      <Field label={t('filter.table')}>
        <Select value={filters.table ?? ''} onChange={(_, { value }) => change({ table: value })}>
          <option value="">{t('filter.all')}</option>
          {TABLES.map((table) => (
            <option key={table} value={table}>
              {tableName(table)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t('filter.record')}>
        <RestingInput value={filters.record ?? ''} onRest={(value) => change({ record: value })} />
      </Field>
      <DayInput label={t('filter.from')} value={filters.from} onChange={(value) => change({ from: value })} />
      <DayInput label={t('filter.to')} value={filters.to} onChange={(value) => change({ to: value })} />
      <Button
        disabled={FILTERS.every((name) => !filters[name])}
        onClick={() => change(Object.fromEntries(FILTERS.map((name) => [name, undefined])))}
      >
        {t('filter.clear')}
      </Button>
    </search>
  );
}
