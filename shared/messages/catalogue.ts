import { EN } from './en/index.ts';
import { type FieldIssue, issueText } from './field-issue.ts';
import type { Language } from './languages.ts';
import { PROBLEM_KINDS, type ProblemSlug } from './problem-kinds.ts';
import { RU } from './ru.ts';
import { SV } from './sv.ts';
import { fill, type NamesIn, type Param } from './template.ts';
import type { Translation } from './translation.ts';
import { ZH_CN } from './zh-cn.ts';

/** The codes of refusals: stable, in kebab case. */
export type Code = keyof typeof EN;

/** The params of a code's text. */
export type ParamsOf<C extends Code> = { readonly [Name in NamesIn<(typeof EN)[C]['text']>]: Param };

/** Params of any code. */
export type Params = Readonly<Record<string, Param>>;

/** Whether a code, as it was stored, is in the catalogue. */
export function isCode(code: string): code is Code {
  return Object.hasOwn(EN, code);
}

/** The kind of problem that a code belongs to. */
export function kindOf(code: Code): ProblemSlug {
  return EN[code].kind;
}

/** The catalogue in the languages beside English. */
export const TRANSLATIONS = { 'zh-CN': ZH_CN, ru: RU, sv: SV } as const satisfies Record<
  Exclude<Language, 'en'>,
  Translation
>;

/** What the kinds of problems are called. */
export function titleOf(slug: ProblemSlug, language: Language): string {
  return language === 'en' ? PROBLEM_KINDS[slug].title : TRANSLATIONS[language].titles[slug];
}

/** What a refusal says. */
export function textOf(code: Code, params: Params, language: Language): string {
  const text = language === 'en' ? EN[code].text : TRANSLATIONS[language].texts[code];
  return fill(text, params, (param) => show(param, language));
}

function show(param: Param, language: Language): string {
  if (typeof param !== 'object') return String(param);
  const parts = param.map((each) => (typeof each === 'object' ? issueLine(each, language) : String(each)));
  return typeof param[0] === 'object' ? parts.join('; ') : new Intl.ListFormat(language).format(parts);
}

function issueLine(issue: FieldIssue, language: Language): string {
  return `${issue.at}: ${issueText(issue, language)}`;
}
