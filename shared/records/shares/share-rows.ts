/**
 * A record's shares in storage. This is a storage format: they lie in one row beside the record's own, table of the
 * records, PartitionKey = bucket, RowKey = `~s` | record id, so that they change in the transaction that changes records
 * and writes the marker, one row a record however many users it is shared with. No id begins with `~`.
 *
 * Text, over as many properties as it needs: a line for each principal, parts separated by a space: user id, direct mask,
 * then `record id=mask` for each source of inherited rights. A record that never was shared has no such row.
 */

import { afterPrefix } from '../../storage/keys.ts';
import { joinLongText, splitLongText } from '../../storage/long-text.ts';
import type { Row, StoredRow, Write } from '../../storage/table.ts';
import { bucketOf } from '../record-ids.ts';
import { NO_SHARES, type ShareSet } from './share-set.ts';

const PREFIX = '~s|';
const TEXT = 'shares';

/** All rows of shares of a table have keys from here on, up to but not including `to`. */
export const SHARE_KEYS = { from: PREFIX, to: afterPrefix(PREFIX) } as const;

/** The shares of a record as read; `etag` is empty when there is no row yet. */
export interface StoredShares {
  readonly set: ShareSet;
  readonly etag: string;
  /** Over how many properties the text was spread: a merge must blank those that it no longer needs. */
  readonly parts: number;
}

/** A record without shares. */
export const NO_ROW: StoredShares = { set: NO_SHARES, etag: '', parts: 0 };

/** RowKey of a record's shares. */
export function shareRowKey(recordId: string): string {
  return PREFIX + recordId;
}

/** The record that a row of shares belongs to. */
export function recordOfShareRow({ rowKey }: Pick<Row, 'rowKey'>): string {
  return rowKey.slice(PREFIX.length);
}

/** The write that gives a record these shares, provided that they are as they were read. */
export function shareWrite(recordId: string, before: StoredShares, set: ShareSet): Write {
  const parts: Record<string, string> = {};
  for (let part = 0; part < before.parts; part++) parts[`${TEXT}${part}`] = '';
  Object.assign(parts, splitLongText(TEXT, packShares(set)));
  const row: Row = { partitionKey: bucketOf(recordId), rowKey: shareRowKey(recordId), ...parts };
  return before.etag === '' ? { kind: 'insert', row } : { kind: 'merge', row, etag: before.etag };
}

/** The shares that a row holds. */
export function fromShareRow(row: StoredRow): StoredShares {
  const parts = Object.keys(row).filter((name) => name.startsWith(TEXT)).length;
  return { set: unpackShares(joinLongText(TEXT, row) ?? ''), etag: row.etag, parts };
}

/** Shares as a text. */
export function packShares(set: ShareSet): string {
  const lines = [...set].map(([principal, { direct, inherited }]) =>
    [principal, direct, ...[...inherited].map(([from, mask]) => `${from}=${mask}`)].join(' '),
  );
  return lines.sort().join('\n');
}

/** The shares of a text that `packShares` made. */
export function unpackShares(text: string): ShareSet {
  if (text === '') return NO_SHARES;
  return new Map(
    text.split('\n').map((line) => {
      const [principal = '', direct, ...sources] = line.split(' ');
      const inherited = sources.map((source): [string, number] => {
        const [from = '', mask] = source.split('=');
        return [from, Number(mask)];
      });
      return [principal, { direct: Number(direct), inherited: new Map(inherited) }];
    }),
  );
}
