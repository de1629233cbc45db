/**
 * The process that dies: the app and the engine that runs its orchestrations, over storage that outlives them. It loads
 * first and waits; it begins to serve when its parent says so, and says where.
 */
import { dieAt } from './kill-at-write.mjs';
import { putForward } from './late-clock.mjs';

const { serveOver } = await import('../../../dist/local/serve-over.js');

process.on('message', ({ serve, death }) => {
  dieAt(death);
  if (serve) void live(serve);
  else process.send({});
});
async function live({ aheadMs, connectionString, ...options }) {
  putForward(aheadMs);
  process.send({ url: await serveOver(connectionString, { ...options, log }, []) });
}

/** What was wrong, for whoever looks for the cause of a failed test. */
function log({ level, message }) {
  if (level === 'error' || level === 'critical') console.error(message);
}

process.on('disconnect', () => process.exit());
