import { Badge } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import type { Job } from '../../api/shapes.ts';

const COLORS = {
  Waiting: 'informative',
  InProgress: 'brand',
  Pausing: 'warning',
  Canceling: 'warning',
  Paused: 'danger',
  Completed: 'success',
  Failed: 'danger',
  Canceled: 'subtle',
} as const satisfies Record<Job['status'], string>;

/** A job's status in words and colour. */
export function StatusBadge({ status }: { readonly status: Job['status'] }) {
  const { t } = useTranslation('jobs');
  return (
    <Badge appearance="tint" color={COLORS[status]}>
      {t(`status.${status}`)}
    </Badge>
  );
}
