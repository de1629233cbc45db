import { editCustomerChange } from '../../shared/customers/channel/change.ts';
import { editCustomerSchema } from '../../shared/customers/channel/operation-schemas.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { type ChangePorts, changeEndpoint } from './change-endpoint.ts';

/** PATCH /channels/{channel}/customers/{id}: stages a merge-patch of a customer that the channel knows. */
export function editCustomer(ports: ChangePorts): Endpoint {
  return changeEndpoint(ports, {
    name: 'editCustomer',
    summary: 'Change a customer.',
    method: 'PATCH',
    route: 'channels/{channel}/customers/{id}',
    body: editCustomerSchema,
    changeOf: ({ params, body }) => editCustomerChange(params.id ?? '', body),
  });
}
