import type { Role } from './args.ts';

/** Whom the printed tokens are for. */
export const WELCOME_USER = 'alex';
export const WELCOME_CHANNEL = 'store-1';

const JSON_BODY = "-H 'content-type: application/json'";
const CHANNEL_BODY = '{"name":"Store 1","kind":"POS","profile":{"createCustomerInAsyncMode":true}}';
const CUSTOMER_BODY = '{"name":"Ada Lovelace","type":"Person","email":"ada@example.org"}';

/**
 * What `npm start` prints when the host is ready: URL, a token for each role, three calls to try.
 *
 * @param demo whether there is demo data; without it the calls begin by making a channel.
 */
export function welcomeText(url: string, tokens: Readonly<Record<Role, string>>, demo: boolean): string {
  const as = (role: Role) => `-H 'authorization: Bearer ${tokens[role]}'`;
  const second = demo
    ? `curl -i '${url}/api/tables/account?pageSize=3' ${as('Administrator')}`
    : `curl -i -X PUT ${url}/api/channels/${WELCOME_CHANNEL} ${as('Administrator')} ${JSON_BODY} -d '${CHANNEL_BODY}'`;
  const later = (what: 'users' | 'channels') =>
    demo ? '' : `, once an administrator has made it by PUT /api/${what}/…`;
  return `
Ready: ${url}

The page, as administrator: ${url}/api/ui/#token=${tokens.Administrator}

Tokens, good for 8 hours (another one: npm run --silent token -- --role Administrator):
  Administrator "admin": ${tokens.Administrator}
  User "${WELCOME_USER}"${later('users')}: ${tokens.User}
  Channel "${WELCOME_CHANNEL}"${later('channels')}: ${tokens.Channel}

Try:
  curl -i ${url}/api/health
  ${second}
  curl -i -X POST ${url}/api/channels/${WELCOME_CHANNEL}/customers ${as('Channel')} ${JSON_BODY} -d '${CUSTOMER_BODY}'

Ctrl-C stops it; started again it goes on with the same data. npm run reset empties the data.
`;
}
