import { deactivateAddressChange } from '../../shared/customers/channel/change.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { type ChangePorts, changeEndpoint } from './change-endpoint.ts';

/** DELETE /channels/{channel}/customers/{id}/addresses/{addressId}: stages the end of an active address. */
export function deactivateAddress(ports: ChangePorts): Endpoint {
  return changeEndpoint(ports, {
    name: 'deactivateAddress',
    summary: 'Deactivate an address of a customer.',
    method: 'DELETE',
    route: 'channels/{channel}/customers/{id}/addresses/{addressId}',
    changeOf: ({ params }) => deactivateAddressChange(params.id ?? '', params.addressId ?? ''),
  });
}
