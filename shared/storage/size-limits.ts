import type { TableServiceClientOptions } from '@azure/data-tables';
import { StorageRefused } from './storage-errors.ts';

/**
 * Azure's size limits, enforced before a request leaves, because the storage emulator enforces none of them: what runs on
 * one machine must not be refused in the cloud. Sizes are counted as Azure counts them (UTF-16 for strings).
 */
export const LIMITS = {
  entityBytes: 1024 * 1024,
  /** Azure allows 4 MiB on the wire; headers and encodings differ, so we stop earlier. */
  transactionBytes: 3.5 * 1024 * 1024,
  transactionEntities: 100,
  properties: 252,
  propertyBytes: 64 * 1024,
  keyBytes: 1024,
} as const;

/** What Azure counts for a property beside its name and value. */
const SYSTEM_PROPERTY_BYTES = 12;

/** A step of the storage client's request pipeline. */
export type StoragePolicy = NonNullable<TableServiceClientOptions['additionalPolicies']>[number]['policy'];

/** A row whose JSON is no longer than this keeps every limit, whatever is in it: its longest value has fewer characters. */
const HARMLESS_LENGTH = LIMITS.keyBytes / 2;

type JsonRow = Record<string, unknown>;

/** Refuses a row that Azure would refuse. Throws StorageRefused that names the property and the limit. */
export function checkRowSize(row: JsonRow, index?: number): void {
  let rowBytes = 4;
  let properties = 0;
  for (const [name, value] of Object.entries(row)) {
    if (value === null || value === undefined || name.endsWith('@odata.type') || name === 'odata.etag') continue;
    const isKey = name === 'PartitionKey' || name === 'RowKey';
    const valueBytes = typeof value === 'string' ? value.length * 2 : 8;
    if (isKey && valueBytes > LIMITS.keyBytes) refuse(`${name} has ${valueBytes} bytes`, LIMITS.keyBytes, index);
    if (!isKey) properties++;
    if (valueBytes > LIMITS.propertyBytes) {
      refuse(`property ${name} has ${valueBytes} bytes`, LIMITS.propertyBytes, index);
    }
    rowBytes += SYSTEM_PROPERTY_BYTES + name.length * 2 + valueBytes;
  }
  if (properties > LIMITS.properties) refuse(`a row has ${properties} properties`, LIMITS.properties, index);
  if (rowBytes > LIMITS.entityBytes) refuse(`a row has ${rowBytes} bytes`, LIMITS.entityBytes, index);
}

function refuse(what: string, limit: number, index: number | undefined): never {
  throw new StorageRefused(`Azure Table Storage would refuse this write: ${what}, the limit is ${limit}`, index);
}

/** Pipeline policy that applies `checkRowSize` to every row that is written, and counts rows and bytes of a transaction. */
export const sizeLimitsPolicy: StoragePolicy = {
  name: 'spillwaySizeLimits',
  sendRequest(request, next) {
    if (request.method !== 'GET' && typeof request.body === 'string') checkBody(request.body);
    return next(request);
  },
};

function checkBody(body: string): void {
  if (!body.startsWith('--batch')) {
    if (body.startsWith('{')) checkRowSize(JSON.parse(body) as JsonRow);
    return;
  }
  const bodyBytes = Buffer.byteLength(body);
  if (bodyBytes > LIMITS.transactionBytes)
    refuse(`a transaction has ${bodyBytes} bytes`, LIMITS.transactionBytes, undefined);
  const parts = body.split('\r\n--changeset_').slice(1);
  // The part that closes the change set is no operation.
  const operations = parts.filter((part) => part.includes('HTTP/1.1'));
  if (operations.length > LIMITS.transactionEntities) {
    refuse(`a transaction has ${operations.length} rows`, LIMITS.transactionEntities, undefined);
  }
  operations.forEach((part, index) => {
    const start = part.indexOf('\r\n\r\n{');
    if (start < 0 || part.length - start <= HARMLESS_LENGTH) return;
    checkRowSize(JSON.parse(part.slice(start + 4)) as JsonRow, index);
  });
}
