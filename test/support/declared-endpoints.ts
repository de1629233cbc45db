import { appEndpoints } from '../../functions/composition/app-endpoints.ts';
import { openAppParts } from '../../functions/composition/app-parts.ts';
import { loadConfig } from '../../shared/config/config.ts';
import type { Endpoint } from '../../shared/http/endpoint.ts';

/** Every endpoint of the app, to look at what they declare: over a storage that isn't there and is never asked. */
export async function declaredEndpoints(): Promise<readonly Endpoint[]> {
  const config = loadConfig({
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    AUTH_ISSUER: 'https://issuer.example',
    AUTH_AUDIENCE: 'spillway',
    AUTH_JWKS: 'https://issuer.example/keys',
  });
  return appEndpoints(await openAppParts(config));
}
