import type { FieldIssue } from './field-issue.ts';

/** What may stand for a name in a text. A list becomes "a, b, and c", issues stand behind each other. */
export type Param = string | number | readonly (string | number)[] | readonly FieldIssue[];

/** The names in a text: `'a {b} c {d}'` has b and d. */
export type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

/** The names in a text, each once, in the order of their first place. */
export function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(NAME)].map(([, name = '']) => name))];
}

/** The text with each `{name}` replaced by what `show` makes of its param; a name without a param stays as it is. */
export function fill(text: string, params: Readonly<Record<string, Param>>, show: (param: Param) => string): string {
  return text.replaceAll(NAME, (whole, name: string) => {
    const param = Object.hasOwn(params, name) ? params[name] : undefined;
    return param === undefined ? whole : show(param);
  });
}

const NAME = /\{(\w+)\}/g;
