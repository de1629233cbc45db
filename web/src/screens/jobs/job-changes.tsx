import { Button, Field, Select } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { callForCsv } from '../../api/call.ts';
import type { Job, JobChange } from '../../api/shapes.ts';
import { LIVE_MS } from '../../api/use-live.ts';
import { type DataColumn, DataList } from '../../parts/data-list.tsx';
import { ErrorView } from '../../parts/error-view.tsx';
import { useFilters } from '../../parts/filters.ts';
import { useTableName } from '../../parts/record-name.ts';
import { saveFile } from '../../parts/save-file.ts';

const OUTCOMES = ['done', 'failed', 'skipped', 'unprocessed'] as const;

/** What became of each record, with its old and new values. */
export function JobChanges({ job: { id, status, completedOn } }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  const [{ outcome = '' }, change] = useFilters();
  const path = `/system-jobs/${id}/changes`;
  const csv = useMutation({
    mutationFn: () => callForCsv(path, { query: { outcome } }),
    onSuccess: (file) => saveFile(file, `job-${id}.csv`),
  });
  const columns: readonly DataColumn<JobChange>[] = [
    {
      title: t('changes.record'),
      share: 2,
      show: ({ table, recordId }) => <RecordIdLink table={table} id={recordId} />,
    },
    { title: t('changes.outcome'), show: (each) => t(`outcome.${each.outcome}`) },
    { title: t('changes.values'), share: 3, show: (each) => <Values change={each} /> },
  ];
  return (
    <>
      <div className="filters">
        <Field label={t('changes.outcome')}>
          <Select value={outcome} onChange={(_, { value }) => change({ outcome: value })}>
            <option value="">{t('filter.all')}</option>
            {OUTCOMES.map((each) => (
              <option key={each} value={each}>
                {t(`outcome.${each}`)}
              </option>
            ))}
          </Select>
        </Field>
        <Button onClick={() => csv.mutate()} disabled={csv.isPending}>
          {t('changes.csv')}
        </Button>
      </div>
      {csv.error && <ErrorView error={csv.error} />}
      <DataList<JobChange>
        key={status}
        label={t('changes.title')}
        path={path}
        query={{ outcome }}
        columns={columns}
        keyOf={({ table, recordId }) => `${table} ${recordId}`}
        empty={t('changes.empty')}
        {...(completedOn === null && { everyMs: LIVE_MS })}
      />
    </>
  );
}

/** By its id: the log is long, and a name would be a request for each line. */
function RecordIdLink({ table, id }: { readonly table: string; readonly id: string }) {
  const tableName = useTableName();
  return (
    <Link to="/records/$table/$id" params={{ table, id }}>
      {tableName(table)} {id}
    </Link>
  );
}

function Values({ change: { changes, problem } }: { readonly change: JobChange }) {
  return (
    <>
      {changes.map((each) => (
        <div key={each.name}>
          {each.name}: <del>{String(each.old ?? '–')}</del> → <ins>{String(each.new ?? '–')}</ins>
        </div>
      ))}
      {problem}
    </>
  );
}
