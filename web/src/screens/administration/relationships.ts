import type { z } from 'zod';
import type { cleanupSchema } from '../../../../functions/relationships/offer-cleanup.ts';
import type { relationshipSchema } from '../../../../functions/relationships/relationship-ports.ts';
import { RELATIONSHIP_ACTIONS } from '../../../../shared/catalogue/relationships.ts';
import { LEGAL_BEHAVIORS, RELATIONSHIP_TYPES } from '../../../../shared/records/relationships/behavior-rules.ts';

export const RELATIONSHIPS_PATH = '/relationships';
export const ACTIONS = RELATIONSHIP_ACTIONS;
export const TYPES = RELATIONSHIP_TYPES;
export const CHOICES = LEGAL_BEHAVIORS;

export type Relationship = z.infer<typeof relationshipSchema>;
/** What PUT answers: where rights have come down that would no longer, it offers to take them away. */
export type ChangedRelationship = Relationship & { readonly cleanup?: z.infer<typeof cleanupSchema> };
