import { z } from 'zod';
import { FEATURE_KEYS, featureBodySchema, toFeatureBody } from '../../shared/customers/configuration/feature.ts';
import type { FeatureStore } from '../../shared/customers/configuration/features.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';

/** GET /features: the four features as they are at headquarters, each with who switched it when. */
export function listFeatures({ features }: { readonly features: Pick<FeatureStore, 'readFeatures'> }): Endpoint {
  return endpoint({
    name: 'listFeatures',
    summary: 'List the features of asynchronous customer mode.',
    method: 'GET',
    route: 'features',
    roles: ['Administrator'],
    answers: { 200: z.strictObject({ items: z.array(featureBodySchema) }) },
    problems: [],
    async handle() {
      const set = await features.readFeatures();
      return { status: 200, body: { items: FEATURE_KEYS.map((key) => toFeatureBody(set, key)) } };
    },
  });
}
