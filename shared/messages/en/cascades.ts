import type { Refusals } from '../refusals.ts';

/** Refusals of cascading actions and of their jobs. */
export const CASCADES = {
  'merge-with-itself': {
    kind: 'rule-broken',
    text: "subordinateId: the {table} {id} can't be merged into itself.",
  },
  'table-not-mergeable': {
    kind: 'rule-broken',
    text: "Records of {table} can't be merged. Those of {mergeable} can.",
  },
  'merge-of-inactive': {
    kind: 'rule-broken',
    text: 'The {table} {id} is inactive. Only active records can be merged.',
  },
  'merge-of-merged': {
    kind: 'rule-broken',
    text: 'The {table} {id} is inactive (it was merged into {masterId}). Only active records can be merged.',
  },
  'unshare-user-unknown': { kind: 'rule-broken', text: 'principal: there is no user {userId}.' },
  'share-user-may-not-read': {
    kind: 'rule-broken',
    text: "principal: user {userId} may not read table {table}, so can't be given its records.",
  },
  'delete-blocked': {
    kind: 'conflict',
    text: 'Related records forbid it: {blockers}. Delete them first, or unlink them. Nothing was deleted.',
  },
  'plugin-failed': { kind: 'conflict', text: '{what} Everything is as it was before.' },
  'plugin-timeout': { kind: 'conflict', text: '{what} Everything is as it was before.' },
  'record-being-deleted': { kind: 'conflict', text: 'The {table} {id} is being deleted by job {jobId}.' },
  'assign-owner-unfit': {
    kind: 'rule-broken',
    text: 'ownerId: there is no enabled user {userId} who may read table {table}. Name another, or ask an administrator.',
  },
  'reparent-no-lookups': {
    kind: 'rule-broken',
    text: 'relationship: a {table} has no lookup {lookup}; it has no lookups.',
  },
  'reparent-lookup-unknown': {
    kind: 'rule-broken',
    text: 'relationship: a {table} has no lookup {lookup}; it has the lookups {lookups}.',
  },
  'reparent-under-itself': {
    kind: 'rule-broken',
    text: 'parentId: the {table} {id} is the record itself, or lies under it.',
  },
  'earlier-attempt-under-way': {
    kind: 'request-in-flight',
    text: 'Job {jobId} of an earlier attempt of this request is under way. Ask for it, or repeat the request soon.',
  },
  'action-not-available': {
    kind: 'not-yet-available',
    text: 'The action {action} is not available in this version.',
  },
} as const satisfies Refusals;
