import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';

const identitySchema = z.object({
  pid: z.int().positive(),
  startedAt: z.string(),
  commandLine: z.string(),
});

/** What a process file holds for a process: identity and nothing secret. */
export function processFileContent(pid: number): string {
  const identity = identifyProcess(pid) ?? { pid, startedAt: 'unknown', commandLine: '' };
  return `${JSON.stringify(identity, null, 2)}\n`;
}

/** The process that a file names, alive or not; undefined when the file is missing or unreadable. */
export function readProcessFile(path: string): ProcessIdentity | undefined {
  try {
    return identitySchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}
