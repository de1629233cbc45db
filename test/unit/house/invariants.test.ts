import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_PATH, readText } from './documents.ts';

const FOLDERS = ['shared', 'orchestrations', 'functions', 'local', 'test'];

/** Looks like an invariant's number, and is none. */
const OTHER_WORDS = new Set(['UTF-8', 'UTF-16', 'SHA-1']);

const files = FOLDERS.flatMap((folder) => {
  const paths = readdirSync(join(PROJECT_PATH, folder), { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => /\.m?ts$/.test(path)).map((path) => join(folder, path));
}).map((path) => ({ path, comments: commentsOf(readText(path)) }));

/** Comments alone: blocks, and lines that begin with one. */
function commentsOf(source: string): string {
  return [...source.matchAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm)].map(([comment]) => comment).join('\n');
}

/** What a pattern finds in all comments, with the file. */
const found = (pattern: RegExp) =>
  files.flatMap(({ path, comments }) => [...comments.matchAll(pattern)].map(([, code = '']) => ({ path, code })));

const defined = found(/^ \* {2}([A-Z]{2,}-\d+) {2}/gm);

describe('invariants in the headers of modules', () => {
  it('that carry the prefix of their module name one thing in the whole tree', () => {
    expect(defined.length).toBeGreaterThan(50);
    const codes = defined.map(({ code }) => code);
    expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([]);
  });

  it('all carry a prefix, as one letter names something else in each file', () => {
    expect(found(/^ \* {2}([A-Z]\d+) {2}/gm)).toEqual([]);
  });

  it('are there wherever a comment names one', () => {
    const codes = new Set(defined.map(({ code }) => code));
    const named = found(/\b([A-Z]{2,}-\d{1,2})\b(?!\d)/g).filter(({ code }) => !OTHER_WORDS.has(code));
    expect(named.filter(({ code }) => !codes.has(code))).toEqual([]);
  });
});
