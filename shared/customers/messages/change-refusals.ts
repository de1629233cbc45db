/**
 * Why messages of offline channels were refused. Table `changerefusals`, PartitionKey = two digits of the hash of the
 * message's id, RowKey = the id, encoded. A function can't tell the broker why it fails, so the dead-letter queue says only
 * that a message was delivered too often; the reason is kept here, for who looks at it.
 */
import { createHash } from 'node:crypto';
import { encodeKeyPart } from '../../storage/keys.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row } from '../../storage/table.ts';

/** Why a message was refused the last time it was tried. */
export interface ChangeRefusal {
  readonly status: number;
  readonly type: string;
  readonly detail: string;
  readonly refusedOn: string;
}

interface RefusalRow extends Row {
  status: number;
  type: string;
  detail: string;
  refusedOn: string;
}

/** Name of the table. */
export const CHANGE_REFUSALS = 'changerefusals';

/** The stored refusals. */
export interface ChangeRefusals {
  note(messageId: string, refusal: ChangeRefusal): Promise<void>;
  find(messageId: string): Promise<ChangeRefusal | undefined>;
}

/** Opens the refusals. */
export function openChangeRefusals(storage: Storage): ChangeRefusals {
  const table = storage.table(CHANGE_REFUSALS);
  return {
    async note(messageId, refusal) {
      await table.write([{ kind: 'upsert', row: { ...keyOf(messageId), ...refusal } }]);
    },
    async find(messageId) {
      const { partitionKey, rowKey } = keyOf(messageId);
      const row = await table.get<RefusalRow>(partitionKey, rowKey);
      if (!row) return undefined;
      const { status, type, detail, refusedOn } = row;
      return { status, type, detail, refusedOn };
    },
  };
}

function keyOf(messageId: string): { partitionKey: string; rowKey: string } {
  const partitionKey = createHash('sha256').update(messageId).digest('hex').slice(0, 2);
  return { partitionKey, rowKey: encodeKeyPart(messageId).slice(0, 900) };
}
