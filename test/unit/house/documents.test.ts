import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeSpans, documentPaths, PROJECT_PATH, readText, type TableRow, tablesOf } from './documents.ts';

const exists = (...parts: string[]) => existsSync(join(PROJECT_PATH, ...parts));

/** All code below a folder. */
function sourcesOf(folder: string): string {
  const paths = readdirSync(join(PROJECT_PATH, folder), { recursive: true, encoding: 'utf8' });
  return paths
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readText(join(folder, path)))
    .join('\n');
}

const code = ['functions', 'orchestrations', 'shared', 'local', 'test'].map(sourcesOf).join('\n');

/** Folders of the project that are made by tools, not written. */
const MADE = new Set(['node_modules', 'dist', 'coverage']);

/** The folders in one, each with a slash at its end. */
function foldersIn(base: string): string[] {
  const entries = readdirSync(join(PROJECT_PATH, base), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !MADE.has(entry.name))
    .map(({ name }) => `${name}/`);
}

const TOP_FOLDERS = foldersIn('');

/** Whether a text in backticks is meant as the path of a file or folder of the project: by its beginning or its end. */
const isPath = (span: string) =>
  /^\.?\w[\w.-]*(\/[\w.-]+)*\/?$/.test(span) &&
  (/\/$|\w\.(ts|md|mjs|json)$/.test(span) || TOP_FOLDERS.some((folder) => span.startsWith(folder)));

/** The folder that the paths of a table's column begin at: "where in `shared/`", "folder of `shared/cascade/`". */
const baseOf = (heading: string) => /(?:in|of) `([^`]+)\/`/.exec(heading)?.[1] ?? '';

/** Paths that a document names and that don't exist, those in tables by their column's folder. */
function deadPaths(text: string): string[] {
  const cells = tablesOf(text).flat(2);
  const prose = text.replace(/^\|.*$/gm, '');
  const all = [...cells.map((cell) => ({ ...cell, base: baseOf(cell.heading) })), { text: prose, base: '' }];
  return all.flatMap((part) =>
    codeSpans(part.text).filter((span) => isPath(span) && !exists(part.base, span) && !exists(span)),
  );
}

describe('the documents', () => {
  it.each(documentPaths())('%s names only files and folders that exist', (path) => {
    expect(deadPaths(readText(path))).toEqual([]);
  });

  it.each(documentPaths())('%s links only to pages that exist', (path) => {
    const links = [...readText(path).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, link = '']) => link);
    const own = links.filter((link) => !link.includes('://'));
    expect(own.filter((link) => !exists(dirname(path), link))).toEqual([]);
  });

  it.each(documentPaths())('%s names only commands of package.json', (path) => {
    const { scripts } = JSON.parse(readText('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    const named = [...readText(path).matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('list every decision in docs/adr/', () => {
    const records = readdirSync(join(PROJECT_PATH, 'docs/adr')).filter((name) => /^\d/.test(name));
    expect(records.filter((name) => !readText('docs/adr/README.md').includes(`(${name})`))).toEqual([]);
  });

  it('that list the folders of a place list all of them', () => {
    const tables = documentPaths().flatMap((path) => tablesOf(readText(path)));
    const lists = tables.filter(([row]) => /^folder( of `.*`)?$/.test(row?.[0]?.heading ?? ''));
    expect(lists.length).toBeGreaterThanOrEqual(3);
    for (const rows of lists) {
      const listed = rows.flatMap(([first]) => codeSpans(first?.text ?? ''));
      expect(listed.toSorted()).toEqual(foldersIn(baseOf(rows[0]?.[0]?.heading ?? '')).toSorted());
    }
  });

  it('that lead from an answer to its line name a file in which its words stand', () => {
    const rows = tablesOf(readText('docs/reading-order.md')).flat();
    const cell = (row: TableRow, heading: string) =>
      codeSpans(row.find((each) => each.heading === heading)?.text ?? '');
    const lost = rows.filter((row) => {
      const [file = ''] = cell(row, 'decided in');
      return !cell(row, 'its words').every((words) => readText(file).includes(words));
    });
    expect(rows.length).toBeGreaterThan(5);
    expect(lost).toEqual([]);
  });

  it.each(documentPaths())('%s names only functions and members that the code has', (path) => {
    const names = codeSpans(readText(path)).flatMap((span) => span.match(/\b[a-z]+[A-Z]\w*/g) ?? []);
    expect(names.filter((name) => !code.includes(name))).toEqual([]);
  });

  it('explain in the glossary only words that the code uses', () => {
    const words = tablesOf(readText('docs/glossary.md')).flatMap((rows) => rows.map(([word]) => word?.text ?? ''));
    expect(words.length).toBeGreaterThan(10);
    expect(words.filter((word) => !new RegExp(`\\b${word}`, 'i').test(code))).toEqual([]);
  });

  it('have a first page of at most 150 lines', () => {
    expect(readText('README.md').split('\n').length).toBeLessThanOrEqual(150);
  });
});
