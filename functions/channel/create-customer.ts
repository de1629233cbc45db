import { createCustomerChange } from '../../shared/customers/channel/change.ts';
import { createCustomerSchema } from '../../shared/customers/channel/operation-schemas.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { type ChangePorts, changeEndpoint } from './change-endpoint.ts';

/** POST /channels/{channel}/customers: stages a new customer with its addresses, as one. 202 with its id for life. */
export function createCustomer(ports: ChangePorts): Endpoint {
  return changeEndpoint(ports, {
    name: 'createCustomer',
    summary: 'Create a customer with its addresses.',
    method: 'POST',
    route: 'channels/{channel}/customers',
    body: createCustomerSchema,
    changeOf: ({ body }) => createCustomerChange(body),
  });
}
