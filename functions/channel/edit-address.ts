import { editAddressChange } from '../../shared/customers/channel/change.ts';
import { editAddressSchema } from '../../shared/customers/channel/operation-schemas.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { type ChangePorts, changeEndpoint } from './change-endpoint.ts';

/** PATCH /channels/{channel}/customers/{id}/addresses/{addressId}: stages a merge-patch of an active address. */
export function editAddress(ports: ChangePorts): Endpoint {
  return changeEndpoint(ports, {
    name: 'editAddress',
    summary: 'Change an address of a customer.',
    method: 'PATCH',
    route: 'channels/{channel}/customers/{id}/addresses/{addressId}',
    body: editAddressSchema,
    changeOf: ({ params, body }) => editAddressChange(params.id ?? '', params.addressId ?? '', body),
  });
}
