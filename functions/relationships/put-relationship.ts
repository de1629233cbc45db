import { z } from 'zod';
import { BEHAVIORS, type Relationship } from '../../shared/catalogue/relationships.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { Problem } from '../../shared/problem.ts';
import { decideBehaviors, RELATIONSHIP_TYPES } from '../../shared/records/relationships/behavior-rules.ts';
import { cleanupSchema, offerCleanup } from './offer-cleanup.ts';
import {
  type CleanupPorts,
  relationshipFromPath,
  relationshipSchema,
  toRelationshipBody,
} from './relationship-ports.ts';

const behavior = z.enum(BEHAVIORS).optional();

/** Behaviours or a preset. What else reading gives may come along: it must be what it is, or says nothing. */
const bodySchema = z.strictObject({
  behaviors: z
    .strictObject({
      Assign: behavior,
      Delete: behavior,
      Merge: behavior,
      Share: behavior,
      Unshare: behavior,
      Reparent: behavior,
      RollupView: behavior,
    })
    .optional(),
  preset: z.enum(RELATIONSHIP_TYPES).optional(),
  type: z.enum(RELATIONSHIP_TYPES).optional(),
  name: z.string().optional(),
  parent: z.string().optional(),
  child: z.string().optional(),
  version: z.number().optional(),
  modifiedBy: z.string().nullish(),
  modifiedOn: z.string().nullish(),
  cleanup: z.unknown().optional(),
});

/**
 * PUT /relationships/{name}: gives a relationship other behaviours, or those of a preset, for jobs that are made from then
 * on. Needs If-Match. 422 names the rule that a combination breaks. Where Share ceases to cascade, `cleanup` offers to take away
 * the rights that have come down so far.
 */
export function putRelationship(ports: CleanupPorts): Endpoint {
  return endpoint({
    name: 'putRelationship',
    summary: 'Change the behaviors of a relationship.',
    method: 'PUT',
    route: 'relationships/{name}',
    roles: ['Administrator'],
    body: bodySchema,
    answers: { 200: relationshipSchema.extend({ cleanup: cleanupSchema.optional() }) },
    problems: ['rule-broken'],
    ifMatch: 'required',
    async handle({ params, body, caller, ifMatch }) {
      const { relationship } = await relationshipFromPath(ports, params.name ?? '');
      requireSame(relationship, body);
      const { before, after } = await ports.relationships.change({
        relationship,
        decide: (current) => decideBehaviors(current, body),
        by: caller.id,
        ifMatch,
      });
      const isCut = before.behaviors.Share !== 'None' && after.behaviors.Share === 'None';
      const cleanup = isCut && { cleanup: await offerCleanup(ports, relationship, caller.id) };
      return { status: 200, body: { ...toRelationshipBody(after), ...cleanup }, headers: etagHeader(after.version) };
    },
  });
}

/** Which tables a relationship joins is declared in the catalogue and can't be changed here. */
function requireSame(relationship: Relationship, body: z.infer<typeof bodySchema>): void {
  for (const part of ['name', 'parent', 'child'] as const) {
    if (body[part] === undefined || body[part] === relationship[part]) continue;
    throw new Problem('relationship-part-fixed', { part, value: relationship[part] });
  }
}
