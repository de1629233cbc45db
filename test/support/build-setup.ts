import { execFileSync } from 'node:child_process';
import { PROJECT_PATH } from './local-host.ts';

/** Vitest global set-up: compiles the project, once in a run. `SPILLWAY_SKIP_BUILD=1` takes dist/ as it is. */
export function setup(): void {
  if (process.env.SPILLWAY_SKIP_BUILD === '1') return;
  try {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: PROJECT_PATH, stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    throw new Error(`The project can't be built:\n${(error as { stdout?: string }).stdout ?? String(error)}`);
  }
  process.env.SPILLWAY_SKIP_BUILD = '1';
}
