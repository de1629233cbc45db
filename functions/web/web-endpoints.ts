import { join } from 'node:path';
import type { Endpoint } from '../../shared/http/endpoint.ts';
import { getDocs } from './get-docs.ts';
import { getOpenapi } from './get-openapi.ts';
import { getSignIn, type SignInConfig } from './get-sign-in.ts';
import { getUi } from './get-ui.ts';

/** Where the build puts the page: beside the compiled functions. */
const PAGE_FOLDER = join(import.meta.dirname, '..', '..', 'web');

/** What web endpoints work with. */
export interface WebPorts {
  /** All endpoints of the app, these among them. */
  readonly endpoints: () => readonly Endpoint[];
  readonly config: SignInConfig;
}

/** The description of the API, and what a person looks at, for the list of functions. */
export function webEndpoints(ports: WebPorts): Endpoint[] {
  return [getOpenapi(ports), getDocs(), getSignIn(ports.config), getUi({ folder: PAGE_FOLDER })];
}
