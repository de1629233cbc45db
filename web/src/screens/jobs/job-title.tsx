import { useTranslation } from 'react-i18next';
import { RELATIONSHIPS } from '../../../../shared/catalogue/relationships.ts';
import type { Job } from '../../api/shapes.ts';
import { useRecordName } from '../../parts/record-name.ts';

/** A job by what it does: "Assign Account Contoso → kim". */
export function useJobTitle({ action, table, recordId, request }: Job): string {
  const { t } = useTranslation('names');
  const { ownerId, principal, subordinateId, relationship, parentId } = request;
  const parentTable = RELATIONSHIPS.find(({ name }) => name === relationship)?.parent ?? table;
  const record = useRecordName(table, action === 'revokeInheritedAccess' ? undefined : recordId);
  const subordinate = useRecordName(table, subordinateId);
  const parent = useRecordName(parentTable, parentId);
  const isTakenOut = action === 'reparent' && parentId === null;
  return t(`job.${isTakenOut ? 'takeOut' : action}`, {
    record,
    subordinate,
    parent,
    relationship,
    user: ownerId ?? principal,
  });
}

export function JobTitle({ job }: { readonly job: Job }) {
  return <>{useJobTitle(job)}</>;
}
