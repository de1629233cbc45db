import { TableClient } from '@azure/data-tables';
import { asciiBodyPolicy } from './ascii-json.ts';
import { deleteConditionsPolicy } from './delete-conditions.ts';
import { type StoragePolicy, sizeLimitsPolicy } from './size-limits.ts';
import { Table } from './table.ts';

/** Which storage, and what its requests go through. */
export interface StorageOptions {
  readonly connectionString: string;
  /** Put before every table's name, so that several apps or tests can share an account. Letters and digits, a letter first. */
  readonly prefix?: string;
  /** Further steps of the request pipeline; tests make the service fail with one. */
  readonly policies?: readonly StoragePolicy[];
}

/** Gives out tables by name; the same name gives the same object. */
export interface Storage {
  table(name: string): Table;
}

/** Opens a storage account. Tables are made at their first use. */
export function openStorage({ connectionString, prefix = '', policies = [] }: StorageOptions): Storage {
  const tables = new Map<string, Table>();
  return {
    table(shortName) {
      const name = `${prefix}${shortName}`;
      const known = tables.get(name);
      if (known) return known;
      const client = TableClient.fromConnectionString(connectionString, name, {
        allowInsecureConnection: !connectionString.includes('DefaultEndpointsProtocol=https'),
        // Our own retries know a write again that succeeded without an answer; the client's don't.
        retryOptions: { maxRetries: 0 },
        additionalPolicies: [asciiBodyPolicy, deleteConditionsPolicy, sizeLimitsPolicy, ...policies].map((policy) => ({
          policy,
          position: 'perCall',
        })),
      });
      const table = new Table(client, name);
      tables.set(name, table);
      return table;
    },
  };
}
