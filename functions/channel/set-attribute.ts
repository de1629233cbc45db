import { setAttributeChange } from '../../shared/customers/channel/change.ts';
import { setAttributeSchema } from '../../shared/customers/channel/operation-schemas.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { type ChangePorts, changeEndpoint } from './change-endpoint.ts';

/** PUT /channels/{channel}/customers/{id}/attributes/{name}: stages an attribute's value. */
export function setAttribute(ports: ChangePorts): Endpoint {
  return changeEndpoint(ports, {
    name: 'setAttribute',
    summary: 'Set an attribute of a customer.',
    method: 'PUT',
    route: 'channels/{channel}/customers/{id}/attributes/{name}',
    body: setAttributeSchema,
    changeOf: ({ params, body }) => setAttributeChange(params.id ?? '', params.name ?? '', body),
  });
}
