import { LOOPBACK } from '../ports.ts';

/** Well-known development account of the storage emulator; not a secret. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Where Azurite's three services listen. */
export interface AzuritePorts {
  readonly blob: number;
  readonly queue: number;
  readonly table: number;
}

/** How a storage client reaches Azurite on these ports. */
export function azuriteConnectionString(ports: AzuritePorts): string {
  const endpoint = (service: string, port: number) => `${service}Endpoint=http://${LOOPBACK}:${port}/${ACCOUNT}`;
  return [
    'DefaultEndpointsProtocol=http',
    `AccountName=${ACCOUNT}`,
    `AccountKey=${KEY}`,
    endpoint('Blob', ports.blob),
    endpoint('Queue', ports.queue),
    endpoint('Table', ports.table),
    '',
  ].join(';');
}
