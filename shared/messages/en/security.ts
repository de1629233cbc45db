import type { Refusals } from '../refusals.ts';

/** Refusals of who calls, what they may do, and of users and roles. */
export const SECURITY = {
  'token-missing': { kind: 'unauthenticated', text: 'Send a token: Authorization: Bearer <token>.' },
  'authorization-malformed': {
    kind: 'unauthenticated',
    text: 'The Authorization header has another form than: Bearer <token>.',
  },
  'token-channel-unknown': {
    kind: 'unauthenticated',
    text: "The token's channel {channel} isn't known here. An administrator makes it first.",
  },
  'token-user-disabled': {
    kind: 'unauthenticated',
    text: "The token's user {userId} is disabled. Ask an administrator.",
  },
  'token-user-removed': {
    kind: 'unauthenticated',
    text: "The token's user {userId} was removed. Ask an administrator.",
  },
  'token-user-unknown': {
    kind: 'unauthenticated',
    text: "The token's user {userId} isn't known here. Ask an administrator.",
  },
  'token-without-roles': {
    kind: 'unauthenticated',
    text: 'The token has no claim `roles` that is a list of names.',
  },
  'token-roles-unknown': {
    kind: 'unauthenticated',
    text: 'The claim `roles` of the token names none of {roles}.',
  },
  'token-claim-not-an-id': {
    kind: 'unauthenticated',
    text: "The token's claim `{claim}` is missing, or is no id of ours.",
  },
  'token-of-another-issuer': { kind: 'unauthenticated', text: 'The token comes from another issuer.' },
  'token-for-another-audience': { kind: 'unauthenticated', text: 'The token is meant for another audience.' },
  'token-without-expiry': { kind: 'unauthenticated', text: 'The token has no time of expiry (`exp`).' },
  'token-not-valid-yet': { kind: 'unauthenticated', text: 'The token is not valid yet (`nbf`).' },
  'token-claim-wrong': { kind: 'unauthenticated', text: "The token's claim `{claim}` is missing or wrong." },
  'token-of-another-kind': {
    kind: 'unauthenticated',
    text: 'The token is of another kind: its header\'s `typ` must be "JWT" or "at+jwt", or absent.',
  },
  'token-expired': { kind: 'unauthenticated', text: 'The token has expired. Get a new one.' },
  'token-signature-wrong': {
    kind: 'unauthenticated',
    text: "The token is not signed with one of the issuer's keys.",
  },
  'token-key-unclear': {
    kind: 'unauthenticated',
    text: "The token's header doesn't say which of the issuer's keys signed it (`kid`).",
  },
  'token-algorithm-refused': {
    kind: 'unauthenticated',
    text: "The token's signature is of a kind that isn't taken.",
  },
  'token-malformed': {
    kind: 'unauthenticated',
    text: 'What follows "Bearer" is not a signed JSON Web Token.',
  },
  'issuer-keys-unreadable': {
    kind: 'key-set-unavailable',
    text: "The issuer's keys can't be read at the moment. Repeat the request later.",
  },
  'user-no-longer-enabled': {
    kind: 'unauthenticated',
    text: 'User {userId} is no longer enabled. Ask an administrator.',
  },
  'privilege-missing': {
    kind: 'forbidden',
    text: 'You lack the privilege {privilege}: {action} on table {table}. Ask an administrator for a role that has it.',
  },
  'privilege-missing-on-record': {
    kind: 'forbidden',
    text: "You lack the privilege {privilege}: {action} on table {table} on other users' records (depth Organization). Ask an administrator for a role that has it.",
  },
  'no-enabled-user': {
    kind: 'rule-broken',
    text: '{at}: there is no enabled user {userId}. Name another, or have an administrator make or enable it: PUT /api/users/{userId}.',
  },
  'id-malformed': {
    kind: 'invalid-request',
    text: 'The id of a {what} has 1 to 64 letters, digits, dots, underscores and hyphens (A-Z a-z 0-9 . _ -).',
  },
  'user-unknown': { kind: 'not-found', text: 'There is no user {userId}.' },
  'user-removed': { kind: 'not-found', text: 'User {userId} ({name}) was removed.' },
  'built-in-user-not-removable': {
    kind: 'conflict',
    text: "User {userId} is built in and can't be removed, so that somebody can always administer. Its name may be changed.",
  },
  'built-in-user-not-disabled': {
    kind: 'conflict',
    text: "User {userId} is built in and can't be disabled, so that somebody can always administer. Its name may be changed.",
  },
  'built-in-user-keeps-role': {
    kind: 'conflict',
    text: 'User {userId} is built in and keeps the role {role}, so that somebody can always administer. Its name may be changed.',
  },
  'role-unknown': { kind: 'not-found', text: 'There is no role {name}. PUT makes one.' },
  'role-built-in': {
    kind: 'conflict',
    text: "Role {name} is built in and can't be changed. Make another role beside it.",
  },
  'role-tables-unknown': {
    kind: 'rule-broken',
    text: 'There is no table {tables}. Name one that exists, or * for all.',
  },
  'user-roles-unknown': {
    kind: 'rule-broken',
    text: 'There is no role {roles}. Make it with PUT {address}, or leave it out.',
  },
} as const satisfies Refusals;
