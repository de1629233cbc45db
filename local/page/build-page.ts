/**
 * Last step of `npm run build`: builds the page (web/) into dist/web, with hashed names and a compressed form of each file
 * beside it. Nothing is done where no source has changed since the last time; it says so. Fails where the JavaScript of the
 * first load is more than it may be.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { z } from 'zod';

const MAX_FIRST_LOAD_KB = 350;
/** Smaller files gain nothing by it. */
const MIN_COMPRESSED_BYTES = 1024;

const projectPath = join(import.meta.dirname, '..', '..', '..');
const outPath = join(projectPath, 'dist', 'web');
const stampPath = join(outPath, '.sources');

const manifestSchema = z.record(
  z.string(),
  z.looseObject({ file: z.string(), isEntry: z.boolean().optional(), imports: z.array(z.string()).default([]) }),
);

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** A hash of all that the page is made of: its own sources, the parts that it shares with the app, its libraries. */
function sourcesHash(): string {
  const sources = [...filesIn(join(projectPath, 'web')), ...filesIn(join(projectPath, 'shared'))].sort();
  const hash = createHash('sha256');
  for (const path of [...sources, join(projectPath, 'package-lock.json'), import.meta.filename]) {
    hash.update(relative(projectPath, path).split(sep).join('/')).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

function stampOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function compress(path: string): void {
  const bytes = readFileSync(path);
  if (bytes.length < MIN_COMPRESSED_BYTES) return;
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}

/** Kilobytes of JavaScript, under gzip, that the browser needs before it can show anything. */
function firstLoadKb(): number {
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(outPath, 'manifest.json'), 'utf8')));
  const names = new Set<string>();
  const add = (name: string): void => {
    if (names.has(name)) return;
    names.add(name);
    manifest[name]?.imports.forEach(add);
  };
  for (const [name, { isEntry }] of Object.entries(manifest)) if (isEntry) add(name);
  const sizes = [...names].map((name) => gzipSync(readFileSync(join(outPath, manifest[name]?.file ?? ''))).length);
  return sizes.reduce((sum, size) => sum + size, 0) / 1000;
}

const hash = sourcesHash();
if (stampOf(stampPath) === hash) console.log('The page is up to date.');
else {
  await build({ configFile: join(projectPath, 'web', 'vite.config.ts'), logLevel: 'warn' });
  filesIn(join(outPath, 'assets')).forEach(compress);
  const kb = firstLoadKb();
  console.log(`The page is built: ${kb.toFixed(0)} kB of compressed JavaScript at the first load.`);
  if (kb > MAX_FIRST_LOAD_KB)
    throw new Error(`That is more than ${MAX_FIRST_LOAD_KB} kB. Load screens or parts later.`);
  writeFileSync(stampPath, hash);
}
