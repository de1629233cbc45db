import { removeContactChange } from '../../shared/customers/channel/change.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { type ChangePorts, changeEndpoint } from './change-endpoint.ts';

/** DELETE /channels/{channel}/customers/{id}/contacts/{contactId}: stages the end of a contact. */
export function removeContact(ports: ChangePorts): Endpoint {
  return changeEndpoint(ports, {
    name: 'removeContact',
    summary: 'Remove contact information of a customer.',
    method: 'DELETE',
    route: 'channels/{channel}/customers/{id}/contacts/{contactId}',
    changeOf: ({ params }) => removeContactChange(params.id ?? '', params.contactId ?? ''),
  });
}
