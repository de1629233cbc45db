import './customers.css';
import { Button, Checkbox, Link } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callForCsv } from '../../api/call.ts';
import { LIVE_MS } from '../../api/use-live.ts';
import { type DataColumn, DataList } from '../../parts/data-list.tsx';
import { ErrorView } from '../../parts/error-view.tsx';
import { useFilters } from '../../parts/filters.ts';
import { useFormat } from '../../parts/format.ts';
import { Heading } from '../../parts/heading.tsx';
import { saveFile } from '../../parts/save-file.ts';
import { BulkDialog } from './bulk-dialog.tsx';
import { customerName } from './customer-name.ts';
import { FilterBar } from './filter-bar.tsx';
import { OperationDetail } from './operation-detail.tsx';
import { type BulkTarget, OPERATIONS_PATH, type Operation, operationFilters } from './operations.ts';
import { StatusBadge } from './status-badge.tsx';

/** The page "Customer synchronization status". Its filters and the open operation stand in the address. */
export function Screen() {
  const { t } = useTranslation('customers');
  const [filters, change] = useFilters();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [bulk, setBulk] = useState<BulkTarget>();
  const query = operationFilters(filters);
  const { id } = filters;
  const open = (operation: string | undefined) => change({ id: operation });
  const select = (each: string, isSelected: boolean) => {
    const others = [...selected].filter((other) => other !== each);
    setSelected(new Set(isSelected ? [...others, each] : others));
  };
  const csv = useMutation({
    mutationFn: async () => saveFile(await callForCsv(OPERATIONS_PATH, { query }), 'operations.csv'),
  });
  const columns = useColumns({ selected, select, open });
  return (
    <>
      <Heading title={t('title')}>
        <Button disabled={selected.size === 0} onClick={() => setBulk({ ids: [...selected] })}>
          {t('bulk.open', { count: selected.size })}
        </Button>
        <Button onClick={() => setBulk({ filter: query })}>{t('bulk.openAll')}</Button>
        <Button disabled={csv.isPending} onClick={() => csv.mutate()}>
          {t('csv')}
        </Button>
      </Heading>
      <p className="quiet">{t('intro')}</p>
      <FilterBar filter={query} onChange={change} />
      {csv.error && <ErrorView error={csv.error} />}
      <DataList<Operation>
        label={t('list.label')}
        path={OPERATIONS_PATH}
        query={query}
        columns={columns}
        keyOf={(operation) => operation.id}
        empty={`${t('list.empty')} ${t('list.emptyAdvice')}`}
        everyMs={LIVE_MS}
      />
      {id && <OperationDetail key={id} id={id} onClose={() => open(undefined)} onOpen={open} />}
      {bulk && (
        <BulkDialog
          target={bulk}
          onClose={() => {
            setBulk(undefined);
            setSelected(new Set());
          }}
        />
      )}
    </>
  );
}

interface RowCommands {
  readonly selected: ReadonlySet<string>;
  readonly select: (id: string, isSelected: boolean) => void;
  readonly open: (id: string) => void;
}

function useColumns({ selected, select, open }: RowCommands): readonly DataColumn<Operation>[] {
  const { t } = useTranslation('customers');
  const { time } = useFormat();
  return [
    {
      title: t('list.customer'),
      share: 2,
      show: (operation) => {
        const { id, channel, accountNumber } = operation;
        const name = customerName(operation);
        return (
          <div className="operation">
            <Checkbox
              aria-label={t('list.select', { id })}
              checked={selected.has(id)}
              onChange={(_, { checked }) => select(id, checked === true)}
            />
            <span>
              <Link as="button" aria-label={t('list.open', { id, name })} onClick={() => open(id)}>
                {name}
              </Link>
              <small className="quiet block">
                {[accountNumber === name ? null : (accountNumber ?? t('list.pendingSync')), channel]
                  .filter((part) => part !== null)
                  .join(' · ')}
              </small>
            </span>
          </div>
        );
      },
    },
    { title: t('filter.operation'), share: 2, show: ({ operation }) => t(`operation.${operation}`) },
    { title: t('filter.status'), share: 1, show: ({ status }) => <StatusBadge status={status} /> },
    { title: t('list.created'), share: 1.5, show: ({ createdOn }) => time(createdOn) },
    { title: t('list.error'), share: 3, show: ({ lastError }) => <span className="clamped">{lastError}</span> },
  ];
}
