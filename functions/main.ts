/**
 * The composition root: reads the environment, opens storage, puts the parts together and registers each trigger. The
 * Functions host loads this file (package.json's `main`); nothing else has side effects when it is imported.
 */
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { isTableName } from '../shared/catalogue/tables.ts';
import { loadConfig } from '../shared/config/config.ts';
import { loadStoragePolicies } from '../shared/config/storage-hook.ts';
import { createDispatcher } from '../shared/http/dispatcher.ts';
import { createClaims } from '../shared/idempotency/claims.ts';
import { createIdSource } from '../shared/records/record-ids.ts';
import { RecordStore } from '../shared/records/record-store.ts';
import { createAccess } from '../shared/security/access.ts';
import { createAuthenticator } from '../shared/security/authenticator.ts';
import { openRoles } from '../shared/security/roles.ts';
import { createTokenVerifier, openKeySet } from '../shared/security/tokens.ts';
import { openUsers } from '../shared/security/users.ts';
import { defaultSettings, openSettings } from '../shared/settings/settings.ts';
import { openStorage } from '../shared/storage/storage.ts';
import { administrationEndpoints } from './administration/administration-endpoints.ts';
import { notYetAvailable } from './not-yet-available.ts';
import { recordEndpoints } from './records/record-endpoints.ts';

const config = loadConfig();
const policies = await loadStoragePolicies(config.storageHookPath);
const storage = openStorage({ connectionString: config.storageConnection, policies });

const users = openUsers(storage);
const roles = openRoles(storage);
const settings = openSettings(storage, defaultSettings(config));
const access = createAccess({ users, roles });
const records = new RecordStore(storage);
const newId = createIdSource();

const verifier = createTokenVerifier({ issuer: config.authIssuer, audience: config.authAudience, keys: openKeySet(config.authKeySet) });
const authenticator = createAuthenticator({ verifier, users, knowsChannel: async () => true });

const dispatch = createDispatcher({
  authenticator,
  claims: createClaims(storage),
  endpoints: [
    ...administrationEndpoints({ users, roles, settings, knowsTable: isTableName }),
    ...recordEndpoints({ records, access, users, newId, now: Date.now, noteCustomersChanged: async () => {} }),
    ...notYetAvailable(),
  ],
});

app.http('api', {
  route: '{*path}',
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: (request, context) => dispatch(request, context, df.getClient(context)),
});
