// Reads Vitest's JSON report and prints the closing line; exits 1 when anything failed, was skipped, or nothing ran.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const skipped = report.numPendingTests + report.numTodoTests;
const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
);
const failed = report.numFailedTests + brokenFiles.length;
for (const { name } of brokenFiles) console.log(`Could not run: ${name}`);
if (skipped > 0) console.log(`${skipped} tests were skipped; a skipped test proves nothing.`);
console.log(`${report.numPassedTests} passed, ${failed} failed`);
process.exit(failed > 0 || skipped > 0 || report.numPassedTests === 0 ? 1 : 0);
