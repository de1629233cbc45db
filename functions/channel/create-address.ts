import { createAddressChange } from '../../shared/customers/channel/change.ts';
import { createAddressSchema } from '../../shared/customers/channel/operation-schemas.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { type ChangePorts, changeEndpoint } from './change-endpoint.ts';

/** POST /channels/{channel}/customers/{id}/addresses: stages a new address of a customer. 202 with the address's id. */
export function createAddress(ports: ChangePorts): Endpoint {
  return changeEndpoint(ports, {
    name: 'createAddress',
    summary: 'Add an address to a customer.',
    method: 'POST',
    route: 'channels/{channel}/customers/{id}/addresses',
    body: createAddressSchema,
    changeOf: ({ params, body }) => createAddressChange(params.id ?? '', body),
  });
}
