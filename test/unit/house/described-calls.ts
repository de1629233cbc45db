/** The calls that a page describes in tables headed "call", "who", "does". */
import { codeSpans, tablesOf } from './documents.ts';

/** A call as described: `PUT`, `…/customers/{}`; "…" stands for what an address begins with, `{}` for a parameter. */
export interface DescribedCall {
  readonly method: string;
  readonly path: string;
  /** Who may call: `A`, `A U`, `A C`, `anyone`. */
  readonly who: string;
}

const METHOD = /^(GET|POST|PUT|PATCH|DELETE)(?: (.+))?$/;
/** An address up to its query or body: parameters may hold spaces, what is in square brackets may be left out. */
const ADDRESS = /^(?:\{[^}]*\}|[^\s?{[])+/;
const OPTIONAL_END = /^\[([^\]]+)\]/;

/** All calls of a page. `GET`, `PUT /x` are two calls of one address; `POST /x/a` · `/b` two addresses side by side. */
export function describedCalls(page: string): DescribedCall[] {
  return tablesOf(page)
    .flat()
    .filter((row) => row[0]?.heading === 'call')
    .flatMap((row) => callsOf(codeSpans(row[0]?.text ?? '')).map((call) => ({ ...call, who: row[1]?.text ?? '' })));
}

/** Whether a function's address is the one that is described. */
export function isDescribedBy(route: string, { path }: Pick<DescribedCall, 'path'>): boolean {
  const address = withoutNames(`/${route}`);
  return path.startsWith('…') ? address.endsWith(path.slice(1)) : address === path;
}

function callsOf(spans: readonly string[]): Omit<DescribedCall, 'who'>[] {
  const calls: Omit<DescribedCall, 'who'>[] = [];
  let methods: string[] = [];
  let isOpen = false;
  let last = '';
  for (const span of spans) {
    const [, method, rest] = METHOD.exec(span) ?? [];
    if (method !== undefined) methods = isOpen ? [...methods, method] : [method];
    isOpen = method !== undefined && rest === undefined;
    const paths = pathsOf(method === undefined ? span : (rest ?? ''), method === undefined ? last : '');
    calls.push(...methods.flatMap((each) => paths.map((path) => ({ method: each, path }))));
    last = paths[0] ?? last;
  }
  return calls;
}

/** The address in a text, twice if it has an end that may be left out; none in a text that is something else. `beside`: what a bare `/x` stands beside. */
function pathsOf(text: string, beside: string): string[] {
  if (!/^[/…]/.test(text)) return [];
  const [address = ''] = ADDRESS.exec(text) ?? [];
  const before = address.startsWith('/') ? beside.slice(0, Math.max(beside.lastIndexOf('/'), 0)) : '';
  const [, end] = OPTIONAL_END.exec(text.slice(address.length)) ?? [];
  return [before + address, ...(end === undefined ? [] : [before + address + end])].map(withoutNames);
}

const withoutNames = (path: string) => path.replaceAll(/\{[^}]*\}/g, '{}');
