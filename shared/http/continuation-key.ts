import { randomBytes } from 'node:crypto';
import type { Storage } from '../storage/storage.ts';
import type { Row } from '../storage/table.ts';

interface KeyRow extends Row {
  /** 32 random bytes in base64. */
  value: string;
}

const KEY = { partitionKey: 'secrets', rowKey: 'continuation' } as const;

/** Gives the key that seals continuation tokens: drawn once for an installation, the same on all hosts, kept in table `settings`. */
export function openContinuationKey(storage: Storage): () => Promise<Uint8Array> {
  const table = storage.table('settings');
  let known: Promise<Uint8Array> | undefined;
  async function read(): Promise<Uint8Array> {
    const stored = await table.get<KeyRow>(KEY.partitionKey, KEY.rowKey);
    if (stored) return Buffer.from(stored.value, 'base64');
    const row: KeyRow = { ...KEY, value: randomBytes(32).toString('base64') };
    // Whoever loses the race to another host reads what that one has drawn.
    await table.write([{ kind: 'insert', row }]);
    return read();
  }
  return () => {
    known ??= read().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}
