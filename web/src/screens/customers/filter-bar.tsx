import { Button, Field, Input, Select } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Filters } from '../../parts/filters.ts';
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
        <Field key={name} label={t(`filter.${name}`)}>
          <Input type="date" value={filter[name] ?? ''} onChange={(_, { value }) => onChange({ [name]: value })} />
        </Field>
      ))}
      <Button disabled={Object.keys(filter).length === 0} onClick={clear}>
        {t('filter.clear')}
      </Button>
    </search>
  );
}

/** How long typing rests before the list is asked anew. */
const REST_MS = 400;

/** An input that tells what was typed once typing rests. */
function RestingInput({
  value,
  onRest,
  ...field
}: {
  readonly value: string;
  readonly onRest: (value: string) => void;
}) {
  const [typed, setTyped] = useState(value);
  const told = useRef(onRest);
  told.current = onRest;
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed.trim() === value) return;
    const timer = setTimeout(() => told.current(typed.trim()), REST_MS);
    return () => clearTimeout(timer);
  }, [typed, value]);
  return <Input {...field} type="search" value={typed} onChange={(_, data) => setTyped(data.value)} />;
}
