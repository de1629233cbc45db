import type { Operation } from './operations.ts';

type Attribute = Operation['attributes'][number];

/** A value as a field shows it. */
export function asText(value: Attribute['new']): string {
  return value === null ? '' : String(value);
}

/** What was typed, as the kind of value that the attribute has; empty clears it. */
function asValue(text: string, before: Attribute['new']): Attribute['new'] {
  if (text === '') return null;
  if (typeof before === 'number' && Number.isFinite(Number(text))) return Number(text);
  if (typeof before === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** The attributes whose fields say something else than the operation does, in the form that Save takes. */
export function changedValues(
  attributes: readonly Attribute[],
  typed: Readonly<Record<string, string>>,
): Record<string, Attribute['new']> {
  const changed = attributes.flatMap(({ name, new: value }) => {
    const text = typed[name];
    return text === undefined || text === asText(value) ? [] : [[name, asValue(text, value)] as const];
  });
  return Object.fromEntries(changed);
}
