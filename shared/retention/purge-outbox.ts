import { type HintRow, hintTable, placeOf, readEvents, removeEvents } from '../events/outbox.ts';
import type { Storage } from '../storage/storage.ts';
import type { PurgeRound } from './purge.ts';

/** Purges events that nobody has taken for so long. Gives how many went. Their hints go when the outbox is drained next. */
export async function purgeOutbox(storage: Storage, { beforeMs, goOn }: PurgeRound): Promise<number> {
  let purged = 0;
  for await (const hint of hintTable(storage).rows<HintRow>({})) {
    if (!goOn()) return purged;
    const { source, key } = placeOf(hint);
    for (;;) {
      const read = await readEvents(storage, source, key);
      const gone = (read?.events ?? []).filter(({ event }) => Date.parse(event.occurredOn) < beforeMs);
      if (!read || gone.length === 0) break;
      if (await removeEvents(storage, source, key, { headEtag: read.headEtag, gone, marked: [] }))
        purged += gone.length;
    }
    const left = await readEvents(storage, source, key);
    if (!left || left.events.length > 0 || hint.hintedMs >= beforeMs) continue;
    // As in draining: a transaction on the head that was read before, so that no writer's events are left without a hint.
    const removed = await removeEvents(storage, source, key, { headEtag: left.headEtag, gone: [], marked: [] });
    if (removed) await hintTable(storage).delete(hint.partitionKey, hint.rowKey, hint.etag);
  }
  return purged;
}
