import { isCode, kindOf, type Params, textOf, titleOf } from './catalogue.ts';
import { type FieldIssue, issueText } from './field-issue.ts';
import type { Language } from './languages.ts';

/** The members of a problem's body that are text, and what they are made of. */
interface CodedBody {
  readonly type: string;
  readonly code: string;
  readonly params: Params;
}

/**
 * JSON of an answer, in which every problem, also one inside a list, says its title and detail in the language. Problems
 * that were stored before they had codes stay English.
 */
export function toJson(value: unknown, language: Language): string {
  if (language === 'en') return JSON.stringify(value);
  return JSON.stringify(value, (_name, part: unknown) => (isCodedBody(part) ? inLanguage(part, language) : part));
}

function inLanguage(body: CodedBody, language: Language): object {
  const { code, params } = body;
  if (!isCode(code)) return body;
  const errors = Array.isArray(params.issues) && {
    errors: errorsOf(params.issues as readonly FieldIssue[], language),
  };
  return { ...body, ...errors, title: titleOf(kindOf(code), language), detail: textOf(code, params, language) };
}

/** What is wrong, place by place. */
export function errorsOf(issues: readonly FieldIssue[], language: Language): { at: string; problem: string }[] {
  return issues.map((issue) => ({ at: issue.at, problem: issueText(issue, language) }));
}

function isCodedBody(part: unknown): part is CodedBody {
  if (typeof part !== 'object' || part === null || !('code' in part && 'params' in part && 'type' in part))
    return false;
  const { type, code, params } = part;
  const isCoded = typeof code === 'string' && typeof params === 'object' && params !== null;
  return isCoded && typeof type === 'string' && type.startsWith('/problems/');
}
