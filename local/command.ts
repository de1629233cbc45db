import { HelpWanted, UsageError } from './args.ts';

/** Runs a command line program; a failure is told in one sentence on stderr and ends it with code 1 (2: wrong usage). `--help` is no failure. */
export async function runCommand(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof HelpWanted) {
      console.log(error.message);
      return;
    }
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(error instanceof UsageError ? 2 : 1);
  }
}
