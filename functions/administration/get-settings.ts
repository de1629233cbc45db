import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { type SettingsStore, settingsBodySchema, toSettingsBody } from '../../shared/settings/settings.ts';

/** GET /settings: every run-time setting as it holds now, defaults filled in. ETag "0" while nothing was ever stored. */
export function getSettings({ settings }: { readonly settings: SettingsStore }): Endpoint {
  return endpoint({
    name: 'getSettings',
    summary: 'Read the settings that hold now.',
    method: 'GET',
    route: 'settings',
    roles: ['Administrator'],
    answers: { 200: settingsBodySchema },
    problems: [],
    async handle() {
      const current = await settings.readSettings();
      return { status: 200, body: toSettingsBody(current.settings), headers: etagHeader(current.version) };
    },
  });
}
