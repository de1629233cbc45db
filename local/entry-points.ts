import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';

const packageSchema = z.looseObject({ main: z.string().optional() });

/**
 * The files that package.json's `main` names: a path, or a pattern with `*`, `**`, `?` and `{a,b}`.
 *
 * @throws an Error that says what to do when there are none.
 */
export function findEntryPoints(projectPath: string): string[] {
  const { main } = packageSchema.parse(JSON.parse(readFileSync(join(projectPath, 'package.json'), 'utf8')));
  if (!main) throw new Error(`${join(projectPath, 'package.json')} has no "main" that names the function app's files.`);
  const fixed = main.split(/[*?{]/)[0] ?? '';
  const isPattern = fixed !== main;
  const files = isPattern ? matchingFiles(projectPath, main, fixed) : existingFile(resolve(projectPath, main));
  if (files.length === 0) throw new Error(`"${main}" (package.json, "main") names no file. Was the app built?`);
  return files;
}

function existingFile(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() ? [path] : [];
}

function matchingFiles(projectPath: string, pattern: string, fixed: string): string[] {
  const expression = toRegExp(pattern.replace(/^\.\//, ''));
  const folder = resolve(projectPath, fixed.slice(0, fixed.lastIndexOf('/') + 1));
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => expression.test(relative(projectPath, path).split(sep).join('/')))
    .sort();
}

/** What the signs of a pattern stand for. A comma outside braces isn't supported. */
const SIGNS: Readonly<Record<string, string>> = {
  '**/': '(?:.*/)?',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
  '{': '(?:',
  '}': ')',
  ',': '|',
};

function toRegExp(pattern: string): RegExp {
  const source = pattern.replace(/\*\*\/|\*\*|[*?{},]|[.+^$()|[\]\\]/g, (sign) => SIGNS[sign] ?? `\\${sign}`);
  return new RegExp(`^${source}$`);
}
