import { type RouteConstraint, routeConstraint } from './route-constraints.ts';

/** A part of a path between two slashes, as a template describes it. */
export type RouteSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | RouteParameter
  /** Text and parameters in one segment, such as `{name}.html`. */
  | { readonly kind: 'mixed'; readonly parameters: readonly RouteParameter[]; readonly pattern: RegExp };

/** `{name}`, `{name?}`, `{name=default}`, `{name:int}`, `{*rest}`. */
export interface RouteParameter {
  readonly kind: 'parameter';
  readonly name: string;
  readonly isOptional: boolean;
  readonly isCatchAll: boolean;
  readonly defaultValue?: string | undefined;
  readonly constraints: readonly RouteConstraint[];
}

export interface RouteTemplate {
  /** As written, without slashes at its ends. */
  readonly text: string;
  readonly segments: readonly RouteSegment[];
}

/**
 * Reads a route template in ASP.NET's language, which the Functions host uses.
 *
 * @throws an Error that names the template and what is wrong with it.
 */
export function parseRouteTemplate(template: string): RouteTemplate {
  const text = template.replace(/^[~/]+|\/+$/g, '');
  const parts = text === '' ? [] : splitOutsideBraces(text, '/');
  const segments = parts.map((part) => parseSegment(part, template));
  const names = segments.flatMap(parameterNames).map((name) => name.toLowerCase());
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw badTemplate(template, `the parameter "${repeated}" occurs twice`);
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment.kind === 'parameter' && segment.isCatchAll && !isLast) {
      throw badTemplate(template, `"{*${segment.name}}" has to be the last segment`);
    }
    if (segment.kind === 'parameter' && segment.isOptional && !segments.slice(index + 1).every(mayBeAbsent)) {
      throw badTemplate(template, `"{${segment.name}?}" is followed by a segment that isn't optional`);
    }
  }
  return { text, segments };
}

/** Whether a path may end before this segment. */
export function mayBeAbsent(segment: RouteSegment): boolean {
  return (
    segment.kind === 'parameter' && (segment.isOptional || segment.isCatchAll || segment.defaultValue !== undefined)
  );
}

function parameterNames(segment: RouteSegment): string[] {
  if (segment.kind === 'literal') return [];
  return segment.kind === 'parameter' ? [segment.name] : segment.parameters.map((parameter) => parameter.name);
}

function parseSegment(part: string, template: string): RouteSegment {
  if (part === '') throw badTemplate(template, 'it has an empty segment');
  if (!/[{}]/.test(part)) return { kind: 'literal', text: part };
  const pieces = splitPieces(part, template);
  const [only] = pieces;
  if (pieces.length === 1 && only?.startsWith('{')) return parseParameter(only.slice(1, -1), template);
  const parameters: RouteParameter[] = [];
  const pattern = pieces.map((piece) => {
    if (!piece.startsWith('{')) return escapeRegExp(piece);
    const parameter = parseParameter(piece.slice(1, -1), template);
    if (parameter.isOptional || parameter.isCatchAll || parameter.defaultValue !== undefined) {
      throw badTemplate(template, `"${piece}" can only stand alone in its segment`);
    }
    parameters.push(parameter);
    return '(.+)';
  });
  return { kind: 'mixed', parameters, pattern: new RegExp(`^${pattern.join('')}$`, 'is') };
}

function parseParameter(inner: string, template: string): RouteParameter {
  const [head = '', ...rest] = splitOutsideBraces(inner, ':');
  const isOptional = inner.endsWith('?');
  const constraintTexts = rest.map((text, index) =>
    isOptional && index === rest.length - 1 ? text.slice(0, -1) : text,
  );
  const [, stars = '', name = '', , defaultValue] = /^(\*{0,2})([^*=?]+)(=(.*?))?\??$/s.exec(head) ?? [];
  if (!/^[\w-]+$/.test(name)) throw badTemplate(template, `"{${inner}}" isn't a parameter`);
  try {
    return {
      kind: 'parameter',
      name,
      isOptional,
      isCatchAll: stars !== '',
      ...(defaultValue === undefined ? {} : { defaultValue }),
      constraints: constraintTexts.map(routeConstraint),
    };
  } catch (error) {
    throw badTemplate(template, (error as Error).message);
  }
}

/** Cuts `a{b}c{d}` into `a`, `{b}`, `c`, `{d}`. */
function splitPieces(part: string, template: string): string[] {
  const pieces: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < part.length; index++) {
    const char = part.charAt(index);
    if (char === '{' && depth++ === 0 && index > start) pieces.push(part.slice(start, index));
    if (char === '{' && depth === 1) start = index;
    if (char === '}' && --depth === 0) {
      pieces.push(part.slice(start, index + 1));
      start = index + 1;
    }
    if (depth < 0) break;
  }
  if (depth !== 0) throw badTemplate(template, `the braces of "${part}" don't match`);
  if (start < part.length) pieces.push(part.slice(start));
  return pieces;
}

/** Splits at a character, except inside braces or brackets (a regex constraint may hold slashes and colons). */
function splitOutsideBraces(text: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const char of text) {
    if ('{('.includes(char)) depth++;
    if ('})'.includes(char)) depth--;
    if (char === separator && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts;
}

const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const badTemplate = (template: string, reason: string) =>
  new Error(`The route "${template}" can't be used: ${reason}.`);
