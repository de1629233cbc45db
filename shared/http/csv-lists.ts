/**
 * Lists as CSV, for every endpoint that answers `{items, continuationToken?}`: the pages are asked for one after the other
 * and become one file. What one answer holds is bounded; where there is more, a Link header leads on (RFC 8288).
 */

import { type CsvForm, type CsvValue, csvLine } from './csv.ts';
import type { Answer } from './endpoint.ts';

type Fields = Readonly<Record<string, CsvValue>>;

/** The pages of a list: `page(token)` asks for the one that begins there. */
export interface CsvRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: CsvForm | undefined;
  readonly page: (continuationToken: string | undefined) => Promise<Answer>;
}

/** Characters of values after which no further page is asked for. */
const MAX_LENGTH = 8 * 1024 * 1024;

/** Whether an Accept header names CSV, and not JSON before it (RFC 9110: by quality, and of equal ones the first). */
export function asksForCsv(accept: string): boolean {
  const ranges = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.find((each) => each.startsWith('q='))?.slice('q='.length);
    return { type, quality: quality === undefined ? 1 : Number(quality) || 0 };
  });
  const csv = ranges.find(({ type }) => type === 'text/csv');
  const json = ranges.find(({ type }) => type === 'application/json');
  if (!csv || csv.quality === 0) return false;
  if (!json || json.quality === csv.quality) return !json || ranges.indexOf(csv) < ranges.indexOf(json);
  return csv.quality > json.quality;
}

/** Asks for the pages and gives them as CSV; what is no list comes as it is. A pageSize in the query asks for one page alone. */
export async function csvAnswer({ path, query, form, page }: CsvRequest): Promise<Answer> {
  const isOnePage = query.has('pageSize');
  const lines: Fields[] = [];
  let length = 0;
  let token = query.get('continuationToken') ?? undefined;
  do {
    const answer = await page(token);
    const list = listOf(answer);
    if (!list) return answer;
    for (const item of list.items) {
      const ofItem = form?.linesOf ? form.linesOf(item as never) : [fieldsOf(item)];
      for (const line of ofItem) length += Object.values(line).reduce<number>((sum, each) => sum + lengthOf(each), 0);
      lines.push(...ofItem);
    }
    token = list.continuationToken;
  } while (token !== undefined && !isOnePage && length < MAX_LENGTH);
  const columns = form?.columns ?? [...new Set(lines.flatMap((line) => Object.keys(line)))];
  const body = [csvLine(columns), ...lines.map((line) => csvLine(columns.map((name) => line[name])))].join('');
  const name = path.replace(/^\/api\//, '').replaceAll(/[^A-Za-z0-9._-]+/g, '-');
  const headers = {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="${name}.csv"`,
    ...(token !== undefined && { Link: `<${path}?${after(query, token)}>; rel="next"` }),
  };
  return { status: 200, body, headers };
}

function after(query: URLSearchParams, token: string): string {
  const next = new URLSearchParams(query);
  next.set('continuationToken', token);
  return next.toString();
}

function listOf({ status, body }: Answer): { items: unknown[]; continuationToken?: string } | undefined {
  const isList = status === 200 && typeof body === 'object' && body !== null && 'items' in body;
  return isList && Array.isArray(body.items) ? (body as { items: unknown[]; continuationToken?: string }) : undefined;
}

/** An item's fields: those of an object inside it under `<name>.<field>`, lists as JSON. */
function fieldsOf(item: unknown, prefix = ''): Fields {
  if (typeof item !== 'object' || item === null) return { [prefix || 'value']: toValue(item) };
  const fields = Object.entries(item).map(([name, value]): Fields => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? fieldsOf(value, `${prefix}${name}.`) : { [`${prefix}${name}`]: toValue(value) };
  });
  return Object.assign({}, ...fields) as Fields;
}

function toValue(value: unknown): CsvValue {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return value as CsvValue;
}

function lengthOf(value: CsvValue): number {
  return typeof value === 'string' ? value.length : 8;
}
