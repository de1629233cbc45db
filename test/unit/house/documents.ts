/** The documents of the project as tests read them: their tables, and the paths that they name. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of package.json. */
export const PROJECT_PATH = resolve(import.meta.dirname, '..', '..', '..');

/** A row of a table, each cell with the heading of its column. */
export type TableRow = readonly { readonly heading: string; readonly text: string }[];

/** README.md and all pages of docs/, as paths from the project's folder. */
export function documentPaths(): string[] {
  const pages = readdirSync(join(PROJECT_PATH, 'docs'), { recursive: true, encoding: 'utf8' });
  return ['README.md', ...pages.filter((path) => path.endsWith('.md')).map((path) => join('docs', path))];
}

/** The text of a file of the project. */
export function readText(path: string): string {
  return readFileSync(join(PROJECT_PATH, path), 'utf8');
}

/** What stands in backticks in a text, blocks of code left out. */
export function codeSpans(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
}

/** The tables of a document, each as its rows below the headings. */
export function tablesOf(text: string): TableRow[][] {
  const tables: string[][] = [];
  let isInside = false;
  for (const line of withoutBlocks(text).split('\n')) {
    if (line.startsWith('|') && !isInside) tables.push([]);
    isInside = line.startsWith('|');
    if (isInside) tables.at(-1)?.push(line);
  }
  return tables.map(([headings = '', , ...rows]) => {
    const names = cellsOf(headings);
    return rows.map((row) => cellsOf(row).map((cell, at) => ({ heading: names[at] ?? '', text: cell })));
  });
}

/** The blocks of shell commands below a heading, up to the next one of its level. */
export function shellBlocks(text: string, heading: string): string[] {
  const section = text.split(/^(?=## )/m).find((part) => part.startsWith(`## ${heading}\n`)) ?? '';
  return [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
}

const withoutBlocks = (text: string) => text.replace(/^```[\s\S]*?^```$/gm, '');

const cellsOf = (line: string) =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
