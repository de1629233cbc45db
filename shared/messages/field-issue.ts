import { z } from 'zod';
import type { Language } from './languages.ts';

/** What is wrong at one place of a request, as it travels and is stored: by its code, or in words of our own. */
export type FieldIssue = Readonly<{ at: string }> &
  (
    | { readonly message: string }
    | { readonly anyOf: readonly FieldIssue[] }
    | { readonly code: string; readonly received: string; readonly [detail: string]: unknown }
  );

const LOCALES = {
  en: z.locales.en().localeError,
  'zh-CN': z.locales.zhCN().localeError,
  ru: z.locales.ru().localeError,
  sv: z.locales.sv().localeError,
} as const satisfies Record<Language, unknown>;

const OR = { en: ' or ', 'zh-CN': '或', ru: ' или ', sv: ' eller ' } as const satisfies Record<Language, string>;

/** A value of each type that JSON has: zod's messages name the type of what they were given, not the value. */
const EXAMPLES: Readonly<Record<string, unknown>> = {
  null: null,
  array: [],
  object: {},
  string: '',
  number: 0,
  boolean: false,
};

/** The issues of a schema, parsed with `reportInput`; `where` is the part of the request that was read. */
export function fieldIssues(issues: readonly z.core.$ZodIssue[], where: string): FieldIssue[] {
  return issues.map((issue) => toFieldIssue(issue, [where, ...issue.path].join('.')));
}

function toFieldIssue(issue: z.core.$ZodIssue, at: string): FieldIssue {
  if (issue.code === 'invalid_union') {
    const forms = issue.errors.flatMap(([first]) =>
      first && first.path.length === 0 ? [toFieldIssue(first, at)] : [],
    );
    if (forms.length > 0) return { at, anyOf: forms };
  }
  const { message, path: _path, input, ...details } = issue;
  const rest = Object.fromEntries(Object.entries(details).filter(([name]) => name !== 'errors' && name !== 'inst'));
  const coded = { ...rest, at, code: issue.code, received: typeOf(input) };
  return issueText(coded, 'en') === message ? coded : { at, message };
}

/** What an issue says, in a language; of several forms, none of which fits, what each of them says. */
export function issueText(issue: FieldIssue, language: Language): string {
  if ('message' in issue && typeof issue.message === 'string') return issue.message;
  if ('anyOf' in issue && Array.isArray(issue.anyOf)) {
    const texts = issue.anyOf.map((each: FieldIssue) => issueText(each, language));
    return [...new Set(texts)].join(OR[language]);
  }
  const { received, ...raw } = issue as Extract<FieldIssue, { received: string }>;
  // What was stored is what zod gave, but for the value.
  const said = LOCALES[language]({ ...raw, input: EXAMPLES[received] } as unknown as z.core.$ZodRawIssue);
  return typeof said === 'string' ? said : (said?.message ?? '');
}

function typeOf(input: unknown): string {
  if (input === null) return 'null';
  return Array.isArray(input) ? 'array' : typeof input;
}
