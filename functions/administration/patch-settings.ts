import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { type SettingsStore, settingsPatchSchema, toSettingsBody } from '../../shared/settings/settings.ts';

/** PATCH /settings: a merge-patch; null puts a setting, or a group of them, back to its default. 422 when a rule is broken. */
export function patchSettings({ settings }: { readonly settings: SettingsStore }): Endpoint {
  return endpoint({
    name: 'patchSettings',
    method: 'PATCH',
    path: '/settings',
    roles: ['Administrator'],
    body: settingsPatchSchema,
    async handle({ body, caller, ifMatch }) {
      const changed = await settings.changeSettings({ patch: body, by: caller.id, ifMatch });
      return { status: 200, body: toSettingsBody(changed.settings), headers: etagHeader(changed.version) };
    },
  });
}
