import { z } from 'zod';
import type { Config } from '../../shared/config/config.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';

export type SignInConfig = Pick<Config, 'authIssuer' | 'signIn'>;

/** Schema of what a browser needs to sign somebody in; nothing of it is secret. */
const signInSchema = z.strictObject({
  issuer: z.string().describe('Whose tokens are taken.'),
  clientId: z.string().nullable().describe("The page's id at the issuer; null: a token is pasted."),
  scope: z.string().nullable().describe('What a token is asked for.'),
});

/**
 * GET /ui/config.json, without a token: how the page signs people in. The name of the function sorts before that of `getUi`,
 * whose route would take this address too: the Functions host tries them in that order.
 */
export function getSignIn({ authIssuer: issuer, signIn }: SignInConfig): Endpoint {
  return endpoint({
    name: 'getSignIn',
    summary: 'Tell how the page signs people in.',
    method: 'GET',
    route: 'ui/config.json',
    roles: 'anyone',
    answers: { 200: signInSchema },
    problems: [],
    async handle() {
      const { clientId = null, scope = null } = signIn ?? {};
      return { status: 200, body: { issuer, clientId, scope }, headers: { 'Cache-Control': 'no-cache' } };
    },
  });
}
