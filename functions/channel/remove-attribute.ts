import { removeAttributeChange } from '../../shared/customers/channel/change.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { type ChangePorts, changeEndpoint } from './change-endpoint.ts';

/** DELETE /channels/{channel}/customers/{id}/attributes/{name}: stages the end of an attribute. */
export function removeAttribute(ports: ChangePorts): Endpoint {
  return changeEndpoint(ports, {
    name: 'removeAttribute',
    summary: 'Remove an attribute of a customer.',
    method: 'DELETE',
    route: 'channels/{channel}/customers/{id}/attributes/{name}',
    changeOf: ({ params }) => removeAttributeChange(params.id ?? '', params.name ?? ''),
  });
}
