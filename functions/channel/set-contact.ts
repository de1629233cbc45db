import { setContactChange } from '../../shared/customers/channel/change.ts';
import { setContactSchema } from '../../shared/customers/channel/operation-schemas.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { type ChangePorts, changeEndpoint } from './change-endpoint.ts';

/** PUT /channels/{channel}/customers/{id}/contacts/{contactId}: stages a contact of a customer, the whole of it, under the id given. */
export function setContact(ports: ChangePorts): Endpoint {
  return changeEndpoint(ports, {
    name: 'setContact',
    summary: 'Set contact information of a customer, the whole of it.',
    method: 'PUT',
    route: 'channels/{channel}/customers/{id}/contacts/{contactId}',
    body: setContactSchema,
    changeOf: ({ params, body }) => setContactChange(params.id ?? '', params.contactId ?? '', body),
  });
}
