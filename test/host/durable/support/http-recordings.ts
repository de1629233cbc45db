import { readFileSync } from 'node:fs';
import { type Answer, fixturePath } from './hub.ts';

/** What can be compared of an answer: status, the headers that clients use, and the body without what differs by run. */
export interface ComparableAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const CLIENT_HEADERS = new Set(['location', 'retry-after', 'x-ms-continuation-token', 'content-type']);

/** The recorded answer of a file under recordings/http (the first one, where it holds several). */
export function recordedAnswer(name: string): ComparableAnswer {
  const [, answer = ''] = readFileSync(fixturePath(`recordings/http/${name}.txt`), 'utf8').split(/^### .*\n/m);
  const [head = '', body = ''] = answer.split(/\r?\n\r?\n/);
  const [statusLine = '', ...lines] = head.split(/\r?\n/);
  const headers = lines.map((line) => line.split(/: (.*)/).slice(0, 2) as [string, string]);
  return comparableAnswer(Number(statusLine.split(' ')[1]), headers, body.trim());
}

export function comparable({ status, headers, text }: Answer): ComparableAnswer {
  return comparableAnswer(status, Object.entries(headers), text);
}

function comparableAnswer(status: number, headers: [string, string][], text: string): ComparableAnswer {
  return {
    status,
    headers: Object.fromEntries(
      headers
        .map(([name, value]): [string, string] => [name.toLowerCase(), normalizeText(value)])
        .filter(([name]) => CLIENT_HEADERS.has(name)),
    ),
    body: text === '' ? '' : normalize(JSON.parse(text)),
  };
}

function normalize(value: unknown): unknown {
  if (typeof value === 'string') return normalizeText(value);
  if (Array.isArray(value)) return value.map(normalize);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, normalize(item)]));
}

/** Hosts, hubs, keys, made-up instance ids and times differ by run. */
function normalizeText(text: string): string {
  return text
    .replace(/http:\/\/(localhost|127\.0\.0\.1):\d+/g, '<origin>')
    .replace(/taskHub=\w+/g, 'taskHub=<hub>')
    .replace(/code=\w+/g, 'code=<key>')
    .replace(/[0-9a-f]{32}/g, '<id>')
    .replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, '<time>')
    .trim();
}
