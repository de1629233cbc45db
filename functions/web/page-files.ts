import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** A file of the page as it is sent, in each coding that the build made of it. */
export interface PageFile {
  readonly type: string;
  readonly codings: ReadonlyMap<Coding, Uint8Array>;
}

/** Codings in the order in which they are preferred: the smallest first. */
export const CODINGS = ['br', 'gzip', 'identity'] as const;
export type Coding = (typeof CODINGS)[number];

const CODING_OF: Readonly<Record<string, Coding>> = { '.br': 'br', '.gz': 'gzip' };
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * The files that the build put into a folder, by their path in it; none where the page isn't built. What isn't in it can't
 * be asked for, whatever an address says. A file of a type that isn't known is left out.
 */
export function readPageFiles(folder: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, { type: string; codings: Map<Coding, Uint8Array> }>();
  for (const path of pathsIn(folder)) {
    const coding = CODING_OF[extname(path)] ?? 'identity';
    const name = coding === 'identity' ? path : path.slice(0, path.lastIndexOf('.'));
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const file = files.get(name) ?? { type, codings: new Map<Coding, Uint8Array>() };
    file.codings.set(coding, readFileSync(join(folder, path)));
    files.set(name, file);
  }
  return files;
}

function pathsIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return paths.map((path) => path.slice(folder.length + 1).replaceAll('\\', '/'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
