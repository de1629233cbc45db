import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeSpans, PROJECT_PATH, readText, tablesOf } from './documents.ts';

const PAGE = 'docs/promises.md';

/** A promise as the page lists it. */
interface Promised {
  readonly code: string;
  /** Files and folders of tests that prove it; none while it is not kept yet. */
  readonly places: readonly string[];
  /** Addresses of it that answer 501. */
  readonly addresses: readonly string[];
}

const promises: readonly Promised[] = tablesOf(readText(PAGE))
  .flat()
  .map((row) => {
    const cell = (heading: string) => row.find((each) => each.heading === heading)?.text ?? '';
    const spans = codeSpans(cell('tests'));
    const isPlace = (span: string) => span.startsWith('test/');
    return {
      code: cell('code'),
      places: spans.filter(isPlace),
      addresses: spans.filter((span) => !isPlace(span)),
    };
  });

/** The codes that a test file's titles begin with, or end with in brackets: 'C12 …', '… (E5)'. */
function codesOf(source: string): Set<string> {
  const heads = source.matchAll(/['"`]((?:[ACE]\d{1,2} )+)/g);
  const tails = source.matchAll(/ \(([ACE]\d{1,2}(?: [ACE]\d{1,2})*)\)['"`]/g);
  return new Set([...heads, ...tails].flatMap(([, codes = '']) => codes.trim().split(' ')));
}

const tests = readdirSync(join(PROJECT_PATH, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .map((path) => {
    const file = join('test', path);
    return { file, codes: codesOf(readText(file)) };
  });
/** The addresses that `functions/web/not-yet-available.ts` answers. */
const unavailable = readdirSync(join(PROJECT_PATH, 'functions'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .flatMap((path) => {
    const source = readText(join('functions', path));
    return [...source.matchAll(/notYetAvailable\('\w+', '([^']+)'\)/g)].map(([, route]) => `GET /${route}`);
  });

const filesThatName = (code: string) => tests.filter(({ codes }) => codes.has(code)).map(({ file }) => file);

describe(`the page of promises (${PAGE})`, () => {
  it('lists each promise once, and each one that a test names', () => {
    const listed = promises.map(({ code }) => code);
    expect(listed).toEqual([...new Set(listed)]);
    expect(tests.filter(({ codes }) => [...codes].some((code) => !listed.includes(code)))).toEqual([]);
  });

  it.each(promises)('says where $code is proven, or that it is not kept yet', ({ code, places }) => {
    const files = filesThatName(code);
    if (places.length === 0) expect(files, `${code} has tests: put their folder in the place of "not yet"`).toEqual([]);
    for (const place of places) {
      const told = `no test under ${place} names ${code}: name the folder where one does`;
      expect(files.filter((file) => file.startsWith(place)).length, told).toBeGreaterThan(0);
    }
  });

  it('says "not yet" of each promise without tests and of the addresses that answer 501, and of nothing else', () => {
    const missing = tablesOf(readText(PAGE))
      .flat()
      .filter((row) => row.some(({ heading, text }) => heading === 'tests' && text.includes('not yet')));
    const unkept = promises.filter(({ places, addresses }) => places.length === 0 || addresses.length > 0);
    expect(missing.map((row) => row[0]?.text)).toEqual(unkept.map(({ code }) => code));
    expect(promises.flatMap(({ addresses }) => addresses).toSorted()).toEqual(unavailable.toSorted());
  });
});
