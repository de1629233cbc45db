import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * The script of one of Azurite's programs, as its package.json names them: all three services, or the tables' alone.
 * Throws an Error that says what to do when Azurite isn't there.
 */
export function azuriteProgram(name: 'azurite' | 'azurite-table'): string {
  const require = createRequire(import.meta.url);
  let manifest: string;
  try {
    manifest = require.resolve('azurite/package.json');
  } catch {
    throw new Error('Azurite, the local storage, is not installed. Run: npm ci');
  }
  const { bin } = require(manifest) as { readonly bin: Readonly<Record<string, string>> };
  const script = bin[name];
  if (script === undefined) throw new Error(`This version of Azurite has no program ${name}. Run: npm ci`);
  return join(dirname(manifest), script);
}
