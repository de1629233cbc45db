import { randomUUID } from 'node:crypto';
import { linkSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Creates a file with its whole content in one step, unless it exists: whoever reads it, from whatever process, sees all
 * of it or nothing, and of several that create it at once one wins.
 *
 * @param mode permission bits.
 * @returns whether the file was created; false: it was there already.
 */
export function createFileOnce(path: string, content: string, mode: number): boolean {
  const draft = `${path}.${randomUUID()}.draft`;
  writeFileSync(draft, content, { mode, flag: 'wx' });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
