import type { Role } from './args.ts';

/** Whom the printed tokens are for. */
export const WELCOME_USER = 'alex';
export const WELCOME_CHANNEL = 'store-1';

/** What `npm start` prints when the host is ready: URL, a token for each role, three calls to try. */
export function welcomeText(url: string, tokens: Readonly<Record<Role, string>>): string {
  const json = "-H 'content-type: application/json'";
  const channel = '{"name":"Store 1","kind":"POS","profile":{"createCustomerInAsyncMode":true}}';
  const customer = '{"name":"Ada Lovelace","type":"Person","email":"ada@example.org"}';
  return `
Ready: ${url}

Tokens, good for 8 hours (another one: npm run --silent token -- --role Administrator):
  Administrator "admin": ${tokens.Administrator}
  User "${WELCOME_USER}": ${tokens.User}
  Channel "${WELCOME_CHANNEL}": ${tokens.Channel}

Try:
  curl -i ${url}/api/health
  curl -i -X PUT ${url}/api/channels/${WELCOME_CHANNEL} -H 'authorization: Bearer ${tokens.Administrator}' ${json} -d '${channel}'
  curl -i -X POST ${url}/api/channels/${WELCOME_CHANNEL}/customers -H 'authorization: Bearer ${tokens.Channel}' ${json} -d '${customer}'

Ctrl-C stops it; started again it goes on with the same data. npm run reset empties the data.
`;
}
