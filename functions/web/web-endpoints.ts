import type { Endpoint } from '../../shared/http/endpoint.ts';
import { getDocs } from './get-docs.ts';
import { getOpenapi } from './get-openapi.ts';
import { getUi } from './get-ui.ts';

/** What a person looks at, for the list of functions. */
export function webEndpoints(): Endpoint[] {
  return [getOpenapi(), getDocs(), getUi()];
}
