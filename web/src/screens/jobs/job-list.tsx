import { Field, Input, Select } from '@fluentui/react-components';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { JOB_STATUSES } from '../../../../shared/cascade/jobs/job-status.ts';
import { useMe } from '../../api/me.ts';
import { LIVE_MS } from '../../api/queries.ts';
import type { Job } from '../../api/shapes.ts';
import { type DataColumn, DataList } from '../../parts/data-list.tsx';
import { pick, useFilters } from '../../parts/filters.ts';
import { useFormat } from '../../parts/format.ts';
import { Heading } from '../../parts/heading.tsx';
import { JobProgress } from './job-progress.tsx';
import { StatusBadge } from './status-badge.tsx';

const VIEWS = ['cascade'] as const;
const ACTIONS: readonly Job['action'][] = [
  ...(['assign', 'delete', 'merge', 'share', 'unshare', 'reparent'] as const),
  ...(['revokeInheritedAccess', 'reconcileAccess', 'undo'] as const),
];

/** System jobs, with the view "Cascade Operations". */
export function Screen() {
  const { t } = useTranslation('jobs');
  const { time } = useFormat();
  const [filters] = useFilters();
  const columns: readonly DataColumn<Job>[] = [
    {
      title: t('column.name'),
      share: 3,
      show: ({ id, name }) => (
        <Link to="/jobs/$jobId" params={{ jobId: id }}>
          {name}
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
        query={pick(filters, ['view', 'status', 'action', 'createdBy'])}
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
  const [filters, change] = useFilters();
  return (
    <div className="filters">
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
          <Input value={filters.createdBy ?? ''} onChange={(_, { value }) => change({ createdBy: value })} />
        </Field>
      )}
    </div>
  );
}
