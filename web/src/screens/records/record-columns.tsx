import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { RecordBody } from '../../api/shapes.ts';
import type { DataColumn } from '../../parts/data-list.tsx';
import { nameOf } from '../../parts/record-name.ts';

/** The columns of lists of records. */
export function useRecordColumns(): readonly DataColumn<RecordBody>[] {
  const { t } = useTranslation('records');
  return [
    {
      title: t('name'),
      share: 2,
      show: (record) => (
        <Link to="/records/$table/$id" params={{ table: record.table, id: record.id }}>
          {nameOf(record)}
        </Link>
      ),
    },
    { title: t('owner'), show: ({ ownerId }) => ownerId },
    { title: t('state'), show: ({ state }) => t(`states.${state}`) },
  ];
}
