import { affiliationChange } from '../../shared/customers/channel/change.ts';
import { setAffiliationSchema } from '../../shared/customers/channel/operation-schemas.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { type ChangePorts, changeEndpoint } from './change-endpoint.ts';

/** PUT /channels/{channel}/customers/{id}/affiliations/{affiliationId}: stages an affiliation of a customer. */
export function setAffiliation(ports: ChangePorts): Endpoint {
  return changeEndpoint(ports, {
    name: 'setAffiliation',
    summary: 'Set an affiliation of a customer.',
    method: 'PUT',
    route: 'channels/{channel}/customers/{id}/affiliations/{affiliationId}',
    body: setAffiliationSchema,
    changeOf: ({ params }) => affiliationChange('setAffiliation', params.id ?? '', params.affiliationId ?? ''),
  });
}
