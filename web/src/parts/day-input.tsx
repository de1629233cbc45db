import { Field, Input } from '@fluentui/react-components';

export interface DayInputProps {
  readonly label: string;
  /** `2026-11-30`, or undefined. */
  readonly value: string | undefined;
  readonly onChange: (day: string) => void;
}

/** A day, chosen or typed; empty: any. */
export function DayInput({ label, value = '', onChange }: DayInputProps) {
  return (
    <Field label={label}>
      <Input type="date" value={value} onChange={(_, data) => onChange(data.value)} />
    </Field>
  );
}

/** When a day begins here, as the API takes it, or the day that is so many days later; undefined for none. */
export function dayStart(day: string | undefined, daysLater = 0): string | undefined {
  if (!day) return undefined;
  const start = new Date(`${day}T00:00`);
  start.setDate(start.getDate() + daysLater);
  return Number.isNaN(start.getTime()) ? undefined : start.toISOString();
}
