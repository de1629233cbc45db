import { Badge } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import type { Operation } from './operations.ts';

const COLORS = {
  Completed: 'success',
  Failed: 'danger',
  Held: 'warning',
  Uploaded: 'informative',
  Discarded: 'subtle',
} as const;

/** A state as a badge. */
export function StatusBadge({ status }: { readonly status: Operation['status'] }) {
  const { t } = useTranslation('customers');
  return (
    <Badge appearance="tint" color={COLORS[status]}>
      {t(`status.${status}`)}
    </Badge>
  );
}
