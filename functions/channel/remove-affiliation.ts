import { affiliationChange } from '../../shared/customers/channel/change.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { type ChangePorts, changeEndpoint } from './change-endpoint.ts';

/** DELETE /channels/{channel}/customers/{id}/affiliations/{affiliationId}: stages the end of an affiliation. */
export function removeAffiliation(ports: ChangePorts): Endpoint {
  return changeEndpoint(ports, {
    name: 'removeAffiliation',
    summary: 'Remove an affiliation of a customer.',
    method: 'DELETE',
    route: 'channels/{channel}/customers/{id}/affiliations/{affiliationId}',
    changeOf: ({ params }) => affiliationChange('removeAffiliation', params.id ?? '', params.affiliationId ?? ''),
  });
}
