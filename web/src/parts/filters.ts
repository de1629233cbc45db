import { useNavigate, useSearch } from '@tanstack/react-router';

export type Filters = Readonly<Record<string, string | undefined>>;

/** The filters in the address, and how to change some of them; an empty text takes one away. */
export function useFilters(): readonly [Filters, (change: Filters) => void] {
  const filters: Filters = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = (next: Filters) => void navigate({ to: '.', search: { ...filters, ...next }, replace: true });
  return [filters, change];
}

/** Those of the filters that a call knows; the language in the address isn't one. */
export function pick(filters: Filters, names: readonly string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, filters[name]]));
}
