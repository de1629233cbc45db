import { z } from 'zod';
import { featureBodySchema, isFeatureKey, toFeatureBody } from '../../shared/customers/configuration/feature.ts';
import type { FeatureStore } from '../../shared/customers/configuration/features.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { Problem } from '../../shared/problem.ts';

const body = z.strictObject({ enabled: z.boolean() });

/**
 * PUT /features/{key}: switches a feature at headquarters; channels learn of it by 1110, 1010 and 1070. 409 while a
 * prerequisite is off, or while a feature that needs this one is on.
 */
export function putFeature({ features }: { readonly features: Pick<FeatureStore, 'putFeature'> }): Endpoint {
  return endpoint({
    name: 'putFeature',
    summary: 'Switch a feature on or off.',
    method: 'PUT',
    route: 'features/{key}',
    roles: ['Administrator'],
    body,
    answers: { 200: featureBodySchema },
    problems: ['conflict'],
    ifMatch: 'heeded',
    idempotent: true,
    async handle({ params: { key = '' }, body: { enabled }, caller, ifMatch }) {
      if (!isFeatureKey(key)) {
        throw new Problem('feature-unknown', { key });
      }
      const set = await features.putFeature({ key, enabled, by: caller.id, ifMatch });
      return { status: 200, body: toFeatureBody(set, key), headers: etagHeader(set.features[key].version) };
    },
  });
}
