// Reads Vitest's JSON reports and prints the closing line, all of them added up; exits 1 when a test failed or was skipped,
// or when a report is missing or holds no test.
import { readFileSync } from 'node:fs';

let [passed, failed, skipped] = [0, 0, 0];
for (const file of process.argv.slice(2)) {
  const report = read(file);
  if (!report || report.numTotalTests === 0) {
    console.log(`No test ran: ${file}`);
    failed++;
    continue;
  }
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  for (const { name, status, assertionResults } of report.testResults) {
    if (status !== 'failed' || assertionResults.length > 0) continue;
    console.log(`Could not run: ${name}`);
    failed++;
  }
}
if (skipped > 0) console.log(`${skipped} tests were skipped; a skipped test proves nothing.`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || skipped > 0 || passed === 0 ? 1 : 0);

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
