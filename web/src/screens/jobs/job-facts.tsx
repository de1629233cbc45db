import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { RELATIONSHIPS } from '../../../../shared/catalogue/relationships.ts';
import type { Job } from '../../api/shapes.ts';
import { useFormat } from '../../parts/format.ts';
import { RecordLink } from '../../parts/record-link.tsx';

const LINEAGE = ['undoOf', 'undoneBy', 'rerunOf', 'rerunAs', 'handoverOf', 'handedOverTo'] as const;

/** What was asked, of which record, and how it went; with the jobs that it came from and that came of it. */
export function JobFacts({ job }: { readonly job: Job }) {
  const { t } = useTranslation('jobs');
  const { time, number } = useFormat();
  const facts: readonly (readonly [name: string, value: ReactNode])[] = [
    [t('filter.action'), t(`action.${job.action}`)],
    ...(job.action === 'revokeInheritedAccess'
      ? []
      : [[t('facts.record'), <RecordLink key="record" table={job.table} id={job.recordId} />] as const]),
    ...useRequestFacts(job),
    [t('facts.mode'), t(`mode.${job.mode}`)],
    [t('column.createdBy'), job.createdBy],
    [t('column.createdOn'), time(job.createdOn)],
    [t('facts.startedOn'), time(job.startedOn)],
    [t('facts.completedOn'), time(job.completedOn)],
    [t('facts.heartbeatOn'), time(job.progress.heartbeatOn)],
    [t('facts.retries'), number(job.retryCount)],
    [t('facts.batchSize'), number(job.batchSize)],
    [t('facts.id'), job.id],
  ];
  const lineage = LINEAGE.flatMap((name) => (job[name] === undefined ? [] : [[name, job[name]] as const]));
  return (
    <>
      <dl className="facts">
        {facts.map(([name, value]) => (
          <div key={name} className="fact">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {lineage.length > 0 && (
        <ul>
          {lineage.map(([name, jobId]) => (
            <li key={name}>
              <Link to="/jobs/$jobId" params={{ jobId }}>
                {t(`lineage.${name}`)}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** What the request had beside its action. */
function useRequestFacts({ table, request }: Job): (readonly [string, ReactNode])[] {
  const { t } = useTranslation(['jobs', 'preview']);
  const { list } = useFormat();
  const { ownerId, principal, rights, subordinateId, content, performParentingChecks, relationship, parentId } =
    request;
  const parentTable = RELATIONSHIPS.find(({ name }) => name === relationship)?.parent ?? table;
  const columns = Object.entries(content ?? {}).map(
    ([name, value]) => `${name}: ${value === null ? '–' : JSON.stringify(value)}`,
  );
  const facts: (readonly [string, ReactNode] | undefined)[] = [
    ownerId === undefined ? undefined : [t('facts.newOwner'), ownerId],
    principal === undefined ? undefined : [t('facts.principal'), principal],
    rights && [t('facts.rights'), list(rights.map((right) => t(`preview:right.${right}`)))],
    subordinateId === undefined
      ? undefined
      : [t('facts.subordinate'), <RecordLink key="subordinate" table={table} id={subordinateId} />],
    columns.length === 0 ? undefined : [t('facts.content'), list(columns)],
    performParentingChecks === undefined
      ? undefined
      : [t('facts.parentingChecks'), t(performParentingChecks ? 'facts.yes' : 'facts.no')],
    relationship === undefined ? undefined : [t('facts.relationship'), relationship],
    parentId === undefined
      ? undefined
      : [t('facts.newParent'), parentId && <RecordLink key="parent" table={parentTable} id={parentId} />],
    request.mode === undefined ? undefined : [t('facts.askedMode'), t(`asked.${request.mode}`)],
  ];
  return facts.filter((fact) => fact !== undefined);
}
