import type { Refusals } from '../refusals.ts';

/** Refusals of what every endpoint shares: who calls, the form of the request, its Idempotency-Key, its pages. */
export const HTTP = {
  'answer-not-as-declared': { kind: 'internal-error', text: "{function} answered what it doesn't declare: {fault}" },
  'query-name-twice': { kind: 'invalid-request', text: 'query.{name} stands twice. Give one value.' },
  'query-not-utf8': {
    kind: 'invalid-request',
    text: 'The query is not text in UTF-8. Encode each value by RFC 3986.',
  },
  'content-encoding-refused': {
    kind: 'unsupported-media-type',
    text: 'Send the body as it is, without Content-Encoding: {coding}.',
  },
  'body-type-refused': {
    kind: 'unsupported-media-type',
    text: 'Send JSON in UTF-8 with Content-Type: application/json; this was "{mediaType}".',
  },
  'body-not-json': { kind: 'invalid-request', text: 'The body is not JSON: {reason}' },
  'if-match-malformed': {
    kind: 'invalid-request',
    text: 'If-Match takes the one ETag that you read, like "7". `*` is not taken: it would overwrite what you have not seen.',
  },
  'body-too-large': {
    kind: 'too-large',
    text: 'The body may have {limit} bytes at most. Split it into several requests.',
  },
  'fields-invalid': { kind: 'invalid-request', text: 'Mend these and send again: {issues}' },
  'idempotency-key-malformed': { kind: 'invalid-request', text: 'An Idempotency-Key has 1 to 256 characters.' },
  'idempotency-key-of-another-request': {
    kind: 'idempotency-key-reused',
    text: 'This Idempotency-Key was used for another request. Use a new key for a new request; repeat a request unchanged.',
  },
  'same-request-in-flight': {
    kind: 'request-in-flight',
    text: 'The same request is being worked on. Repeat it after Retry-After to get its answer.',
  },
  'continuation-token-foreign': {
    kind: 'invalid-continuation-token',
    text: 'Give back the continuationToken of the page before, from this list, unchanged; or leave it out.',
  },
  'role-not-allowed': { kind: 'forbidden', text: 'This call is for {roles}; your token says {role}.' },
  'token-of-another-channel': {
    kind: 'forbidden',
    text: "Your token is for channel {channel}; it can't be used for another channel.",
  },
  'rate-exceeded': {
    kind: 'too-many-requests',
    text: 'You send more than you may. Go on in {seconds} s, and more slowly.',
  },
  'storage-silent': {
    kind: 'storage-unavailable',
    text: 'Storage or the host’s durable engine did not answer. Nothing is lost: repeat the request under the same Idempotency-Key.',
  },
  'fault-logged': {
    kind: 'internal-error',
    text: 'The log has the cause under invocation {invocationId}. Repeating the request may help.',
  },
  'method-not-taken': { kind: 'method-not-allowed', text: '{path} takes {allowed}.' },
  'address-unknown': { kind: 'not-found', text: 'There is nothing at {path}. docs/api.md lists what there is.' },
  'address-not-available': {
    kind: 'not-yet-available',
    text: 'GET /{route} is not available in this version. Nothing was done.',
  },
  'function-off': {
    kind: 'function-switched-off',
    text: 'The function {function} is switched off. Remove the setting AzureWebJobs.{function}.Disabled to switch it on.',
  },
} as const satisfies Refusals;
