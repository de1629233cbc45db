import { useTranslation } from 'react-i18next';

const STEPS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** Numbers, times and durations as the language in use writes them. An absent one is a dash. */
export function useFormat() {
  const { language } = useTranslation('shell').i18n;
  return {
    number: (value: number) => new Intl.NumberFormat(language).format(value),
    time: (on: string | null | undefined) =>
      on ? new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'medium' }).format(new Date(on)) : '–',
    /** Whole seconds in the largest unit that fits. */
    duration: (seconds: number | null) => (seconds === null ? '–' : durationText(seconds, language)),
    list: (values: readonly string[]) => new Intl.ListFormat(language, { type: 'conjunction' }).format(values),
  };
}

function durationText(seconds: number, language: string): string {
  const [unit, size] = STEPS.find(([, each]) => seconds >= each) ?? ['second', 1];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 }).format(
    seconds / size,
  );
}
