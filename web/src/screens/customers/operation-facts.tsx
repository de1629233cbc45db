import { useTranslation } from 'react-i18next';
import { useFormat } from '../../parts/format.ts';
import type { Operation } from './operations.ts';
import { StatusBadge } from './status-badge.tsx';

/** What is known of an operation beside its values. */
export function OperationFacts({ operation }: { readonly operation: Operation }) {
  const { t } = useTranslation('customers');
  const { time, number } = useFormat();
  const { channel, accountNumber, customerAsyncId, stagingTable, replicationCounter } = operation;
  const { createdOn, appliedOn, editedOn, editedBy } = operation;
  const facts = [
    [t('filter.operation'), t(`operation.${operation.operation}`)],
    [t('detail.channel'), channel],
    [t('detail.customer'), accountNumber ?? t('detail.none')],
    [t('detail.asyncId'), customerAsyncId],
    [t('detail.table'), stagingTable],
    [t('detail.counter'), number(replicationCounter)],
    [t('detail.created'), time(createdOn)],
    [t('detail.applied'), time(appliedOn)],
    [
      t('detail.edited'),
      editedOn === null ? time(editedOn) : t('detail.editedBy', { when: time(editedOn), who: editedBy }),
    ],
  ] as const;
  return (
    <dl className="facts">
      <dt>{t('filter.status')}</dt>
      <dd>
        <StatusBadge status={operation.status} />
      </dd>
      {facts.flatMap(([name, value]) => [<dt key={`${name}:`}>{name}</dt>, <dd key={name}>{value}</dd>])}
    </dl>
  );
}
