import type { Refusals } from '../refusals.ts';

/** Refusals of records, of the relationships between them, and of settings. */
export const RECORDS = {
  'table-unknown': { kind: 'not-found', text: 'There is no table {table}.' },
  'record-absent': { kind: 'not-found', text: 'There is no {table} with the id {id}.' },
  'record-absent-or-unreadable': {
    kind: 'not-found',
    text: 'There is no {table} {reference}, or you may not read it.',
  },
  'record-unreadable': {
    kind: 'not-found',
    text: 'There is no record {id} in table {table}, or you may not read it.',
  },
  'such-record-unreadable': {
    kind: 'not-found',
    text: 'There is no such record in table {table}, or you may not read it.',
  },
  'record-was-deleted': {
    kind: 'not-found',
    text: 'The {table} {id} was deleted on {deletedOn}. POST /api/tables/{table}/{id}/restore brings it back; undo of its job also what was deleted with it.',
  },
  'named-record-absent': { kind: 'rule-broken', text: '{at}: there is no such {table}, or you may not read it.' },
  'record-not-written': { kind: 'internal-error', text: 'The record was not written.' },
  'unique-value-taken': { kind: 'rule-broken', text: '{column}: {value} belongs to another {table}.' },
  'record-id-taken': {
    kind: 'conflict',
    text: 'The table {table} has a record with the id {id} already. Leave the id out to get a new one.',
  },
  'record-id-deleted-by-job': { kind: 'conflict', text: 'The {table} {id} was deleted by job {jobId}.' },
  'record-id-version-8': {
    kind: 'rule-broken',
    text: 'id: GUIDs of version 8 are made here only. Send another version (4, say), or leave the id out.',
  },
  'record-locked': {
    kind: 'locked',
    text: 'The {table} {id} is locked by job {jobId}. Try again when it has ended.',
  },
  'record-version-stale': {
    kind: 'stale-version',
    text: 'You have seen version {seen}; it is version {version} now. Read it again.',
  },
  'record-version-needed': {
    kind: 'version-required',
    text: 'Send If-Match with the ETag of the record as you read it, so that no other change is overwritten.',
  },
  'record-contended': {
    kind: 'storage-unavailable',
    text: 'The {table} {id} is being changed by many at once. Try again.',
  },
  'owner-needs-assign': {
    kind: 'use-an-action',
    text: 'The owner is changed by POST {address}, as everything under the record follows.',
  },
  'lookup-needs-reparent': {
    kind: 'use-an-action',
    text: '{lookup} is changed by POST {address}, as everything under the record follows.',
  },
  'lookup-unknown': { kind: 'invalid-request', text: 'A {table} has no lookup {lookup}.' },
  'parent-being-deleted': { kind: 'conflict', text: 'The {table} {id} is being deleted by job {jobId}.' },
  'parent-locked': { kind: 'locked', text: 'The {table} {id} is locked by job {jobId}.' },
  'restore-not-deleted': {
    kind: 'conflict',
    text: "The {table} {id} isn't deleted, so there is nothing to restore.",
  },
  'restore-contended': { kind: 'storage-unavailable', text: 'The {table} {id} is being changed by others. Try again.' },
  'restore-record-unknown': {
    kind: 'not-found',
    text: 'There is no {table} with the id {id}, also not among the deleted ones.',
  },
  'restore-parent-gone': {
    kind: 'rule-broken',
    text: "The {table} {id} comes back only under its parent by {relationship}, {parentId}, which isn't there any more. Restore that one first.",
  },
  'restore-parent-gone-or-undo': {
    kind: 'rule-broken',
    text: "The {table} {id} comes back only under its parent by {relationship}, {parentId}, which isn't there any more. Restore that one first, or undo job {jobId} if it deleted both.",
  },
  'restore-still-being-deleted': {
    kind: 'conflict',
    text: 'Job {jobId} is still deleting what the {table} {id} belongs to. Wait for its end.',
  },
  'relationship-unknown': {
    kind: 'not-found',
    text: 'There is no relationship {name}. GET /api/relationships lists them.',
  },
  'relationship-not-of-table': { kind: 'not-found', text: 'No relationship {name} leads down from table {table}.' },
  'relationship-part-fixed': {
    kind: 'rule-broken',
    text: "{part}: it is {value} and can't be changed; only behaviours can.",
  },
  'behaviors-contradict-preset': {
    kind: 'rule-broken',
    text: 'Nothing was changed: {preset} has other behaviours for {actions} than the request. Send the preset or the behaviors, not both.',
  },
  'custom-names-nothing': {
    kind: 'rule-broken',
    text: 'Custom says nothing by itself: send behaviors for {actions}, or a preset: {presets}.',
  },
  'behaviors-not-named': {
    kind: 'rule-broken',
    text: 'The request names no behaviour: send behaviors for {actions}, or a preset: {presets}.',
  },
  'share-still-cascades': {
    kind: 'rule-broken',
    text: 'Share cascades over {name} ({behavior}), so what came down over it is as it should be. Set Share to None first.',
  },
  'rules-broken': { kind: 'rule-broken', text: 'Nothing was changed: {issues}.' },
  'if-match-needed': {
    kind: 'version-required',
    text: "Read {what} first and send its ETag back as If-Match, so that nobody's change is overwritten unseen.",
  },
  'if-match-of-nothing': {
    kind: 'stale-version',
    text: "If-Match names version {ifMatch}, but {what} doesn't exist.",
  },
  'if-match-stale': {
    kind: 'stale-version',
    text: 'If-Match names version {ifMatch}, but {what} is at version {version}. Read it again and decide anew.',
  },
  'transaction-contended': {
    kind: 'conflict',
    text: 'Others keep changing {count} rows of {table}. Nothing was changed: try again, or send mode "async".',
  },
  'transaction-record-locked': {
    kind: 'locked',
    text: 'Record {id} is locked by job {jobId}. Nothing was changed: try again when it has ended.',
  },
  'transaction-past-deadline': {
    kind: 'transaction-too-long',
    text: 'The transaction didn\'t end within {seconds} seconds, so everything is as it was before. Send it with mode "async".',
  },
  'job-asked-for-by-many': { kind: 'storage-unavailable', text: 'Job {job} is asked for by many at once. Try again.' },
} as const satisfies Refusals;
