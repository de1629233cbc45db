import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { problemsOf } from '../../../shared/http/answers.ts';
import { type Answer, endpoint } from '../../../shared/http/endpoint.ts';
import { listQuery } from '../../../shared/http/lists.ts';
import { Problem } from '../../../shared/problem.ts';
import { serve } from '../../support/http-call.ts';

const thing = (handle: () => Promise<Answer>) =>
  endpoint({
    ...{ name: 'getThing', summary: 'Read a thing.', method: 'GET', route: 'things/{thing}', roles: ['Administrator'] },
    answers: { 200: z.strictObject({ name: z.string(), on: z.iso.datetime().optional() }), 204: null },
    problems: ['conflict'],
    handle,
  });
const ask = (handle: () => Promise<Answer>) => serve([thing(handle)])('GET', '/api/things/a');

describe('E8 an answer is held against its declaration', () => {
  it.each([
    ['a body that fits', { status: 200, body: { name: 'a' } }, 200],
    ['a field without a value, which does not travel', { status: 200, body: { name: 'a', on: undefined } }, 200],
    ['no body where none is declared', { status: 204 }, 204],
    ['a field more', { status: 200, body: { name: 'a', more: 1 } }, 500],
    ['a field less', { status: 200, body: {} }, 500],
    ['a body where none is declared', { status: 204, body: { name: 'a' } }, 500],
    ['another status', { status: 202, body: { name: 'a' } }, 500],
  ])('%s', async (_what, answer, status) => {
    const { status: given, errors } = await ask(async () => answer);
    expect(given).toBe(status);
    expect(errors).toHaveLength(status === 500 ? 1 : 0);
  });

  it('and the log and the detail say what differs', async () => {
    const { body, errors } = await ask(async () => ({ status: 200, body: { name: 5 } }));
    expect(body).toMatchObject({ detail: expect.stringMatching(/getThing .*\n.*name/s) });
    expect(String(errors[0])).toContain('getThing');
  });

  it.each([
    ['conflict', 409],
    ['not-found', 404],
    ['storage-unavailable', 503],
    ['locked', 500],
    ['stale-version', 500],
  ] as const)('so is the problem %s', async (slug, status) => {
    const answer = await ask(() => Promise.reject(new Problem(slug, 'No.')));
    expect(answer.status).toBe(status);
  });
});

describe('the problems of a call', () => {
  const bare = { method: 'GET', route: 'things', roles: 'anyone', answers: {}, problems: [] } as const;
  const common = ['invalid-request', 'too-many-requests', 'storage-unavailable', 'internal-error'];

  it.each([
    ['nothing', {}, []],
    ['a token', { roles: ['User'] }, ['unauthenticated', 'forbidden', 'key-set-unavailable']],
    ['a body', { method: 'POST' }, ['too-large', 'unsupported-media-type']],
    ['a thing that is named', { route: 'things/{thing}' }, ['not-found']],
    ['pages', { query: z.strictObject(listQuery) }, ['invalid-continuation-token']],
    ['an Idempotency-Key', { idempotent: true }, ['request-in-flight', 'idempotency-key-reused']],
    ['a version', { ifMatch: 'heeded' }, ['stale-version']],
    ['a version that must be given', { ifMatch: 'required' }, ['stale-version', 'version-required']],
    ['work of its own', { problems: ['locked'] }, ['locked']],
  ] as const)('follow from its form: %s', (_what, form, slugs) => {
    expect([...problemsOf({ ...bare, ...form })].sort()).toEqual([...common, ...slugs].sort());
  });

  it('know no missing thing where PUT makes it', () => {
    const makes = { ...bare, method: 'PUT', route: 'things/{thing}', answers: { 201: null } } as const;
    expect(problemsOf(makes).has('not-found')).toBe(false);
  });
});
