import type { Row, Table } from './table.ts';

interface LeaseRow extends Row {
  holder: string;
  untilMs: number;
}

/** A lease on a piece of work, so that of several hosts one does it. It spares double work; it doesn't fence what is late. */
export interface Lease {
  /** Makes it last longer when a third of it has passed. False once another holder has it. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

/** Takes a lease for a holder, or gives undefined while another one has it. `now` in milliseconds since 1970. */
export async function takeLease(
  table: Table,
  options: { readonly name: string; readonly holder: string; readonly lastsMs: number; readonly now: () => number },
): Promise<Lease | undefined> {
  const { name, holder, lastsMs, now } = options;
  const key = { partitionKey: 'lease', rowKey: name };
  const stored = await table.get<LeaseRow>(key.partitionKey, key.rowKey);
  if (stored && stored.holder !== '' && stored.untilMs > now()) return undefined;
  let untilMs = now() + lastsMs;
  const row = { ...key, holder, untilMs };
  const taken = await table.write([stored ? { kind: 'merge', row, etag: stored.etag } : { kind: 'insert', row }]);
  if (!taken.ok) return undefined;
  let etag = taken.etags[0] ?? '';
  const put = async (change: Pick<LeaseRow, 'holder' | 'untilMs'>): Promise<boolean> => {
    const written = await table.write([{ kind: 'merge', row: { ...key, ...change }, etag }]);
    if (written.ok) etag = written.etags[0] ?? '';
    return written.ok;
  };
  let renewing: Promise<boolean> | undefined;
  let isLost = false;
  return {
    async renew() {
      if (isLost || untilMs - now() > (lastsMs * 2) / 3) return !isLost;
      renewing ??= put({ holder, untilMs: now() + lastsMs }).finally(() => {
        renewing = undefined;
      });
      if (await renewing) untilMs = now() + lastsMs;
      else isLost = true;
      return !isLost;
    },
    async release() {
      if (!isLost) await put({ holder: '', untilMs: 0 });
    },
  };
}
