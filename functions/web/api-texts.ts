/** What the description of the API says beside what the endpoints declare. */
import { TABLE_NAMES } from '../../shared/catalogue/tables.ts';
import type { ApiTexts } from '../../shared/http/openapi/document.ts';
import { ID_PATTERN } from '../../shared/security/ids.ts';

const shortId = { type: 'string', pattern: ID_PATTERN.source } as const;

export const API_TEXTS: ApiTexts = {
  title: 'Spillway',
  version: '0.1.0',
  description: `Asynchronous customer mode and cascading transactions.

**Errors** are problem details (RFC 9457): \`type\` names the kind for good, \`detail\` says what was wrong and what to do. Unknown fields and query names are refused.

**Idempotency-Key**: send one with every POST that makes something and every change of a channel. A repeated request gets the first one's answer.

**ETag and If-Match**: a single thing has the ETag \`"<version>"\`. PATCH takes a merge-patch: null clears.

**Lists** answer \`{items, continuationToken?}\`, newest first unless said. With \`Accept: text/csv\` all pages come as one CSV file, or, with a \`pageSize\`, one page; a Link header leads on where there is more.

**HEAD** is answered as GET is, **OPTIONS** with the methods of the address in Allow.`,
  areas: [
    {
      name: 'Channels',
      description: 'Channels and their customers; a channel calls its own addresses.',
      roots: ['channels'],
    },
    {
      name: 'Customer sync',
      description: 'Headquarters: features, CDX jobs, uploaded operations and the sync job.',
      roots: ['features', 'cdx-jobs', 'customer-sync', 'cdx-sessions'],
    },
    {
      name: 'Records',
      description: 'Records of all tables, and what cascades from them.',
      roots: ['tables', 'access-report'],
    },
    { name: 'System jobs', description: 'Jobs of cascades: progress, change logs, commands.', roots: ['system-jobs'] },
    { name: 'Relationships', description: 'How each action cascades from table to table.', roots: ['relationships'] },
    {
      name: 'Events',
      description: 'What waits to be told, and offline changes that were given up.',
      roots: ['events', 'channel-changes'],
    },
    {
      name: 'Administration',
      description: 'Users, roles, settings, plug-ins, and how the app is.',
      roots: ['users', 'roles', 'settings', 'plugins', 'health', 'me'],
    },
    {
      name: 'Documents',
      description: 'This description and the page, without a token.',
      roots: ['openapi.json', 'docs', 'ui'],
    },
  ],
  pathParameters: {
    channel: { description: 'Id of the channel.', schema: shortId },
    id: { description: 'Id of the thing; for a customer or account the account number will do, once allocated.' },
    addressId: { description: 'GUID of the address.' },
    contactId: { description: 'GUID of the contact information.' },
    affiliationId: { description: 'Id of the affiliation.', schema: shortId },
    operationId: { description: 'Id of the operation, as the change was answered.' },
    name: { description: 'Name of the relationship or attribute.' },
    job: { description: 'A CDX job: P-0001, 1010, 1070 or 1110.' },
    runId: { description: 'Id of the run.' },
    key: { description: 'Key of the feature.' },
    table: { description: 'Name of the table.', schema: { type: 'string', enum: [...TABLE_NAMES] } },
    relationship: { description: 'Name of a relationship that leads down from the table.' },
    user: { description: 'Id of the user.', schema: shortId },
    file: { description: 'A file of the page.' },
    role: { description: 'Name of the role.', schema: shortId },
  },
};
