import { Button, Field, Select } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { DayInput } from '../../parts/day-input.tsx';
import type { Filters } from '../../parts/filters.ts';
import { RestingInput } from '../../parts/resting-input.tsx';
import { channelsQuery } from '../administration/channels.ts';
import { OPERATIONS, STATUSES } from './operations.ts';

export interface FilterBarProps {
  readonly filter: Filters;
  /** Told what changed; undefined takes a filter away. */
  readonly onChange: (change: Filters) => void;
}

/** The filters of operations. */
export function FilterBar({ filter, onChange }: FilterBarProps) {
  const { t } = useTranslation('customers');
  const { data: channels } = useQuery(channelsQuery);
  const choice = (name: string, options: readonly (readonly [value: string, label: string])[]) => (
    <Field label={t(`filter.${name}`)}>
      <Select value={filter[name] ?? ''} onChange={(_, { value }) => onChange({ [name]: value })}>
        <option value="">{t('filter.any')}</option>
        {options.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
    </Field>
  );
  const statuses = STATUSES.map((each) => [each, t(`status.${each}`)] as const);
  const operations = OPERATIONS.map((each) => [each, t(`operation.${each}`)] as const);
  const clear = () => onChange(Object.fromEntries(Object.keys(filter).map((name) => [name, undefined])));
  return (
    <search className="filters" aria-label={t('filter.label')}>
      {choice('status', statuses)}
      {choice(
        'channel',
        (channels?.items ?? []).map(({ id, name }) => [id, name]),
      )}
      {choice('operation', operations)}
      {['customer', 'error'].map((name) => (
        <Field key={name} label={t(`filter.${name}`)}>
          <RestingInput value={filter[name] ?? ''} onRest={(value) => onChange({ [name]: value })} />
        </Field>
      ))}
      {['from', 'to'].map((name) => (
        <DayInput
          key={name}
          label={t(`filter.${name}`)}
          value={filter[name]}
          onChange={(value) => onChange({ [name]: value })}
        />
      ))}
      <Button disabled={Object.keys(filter).length === 0} onClick={clear}>
        {t('filter.clear')}
      </Button>
    </search>
  );
}
