import { type JobInstances, jobInstances } from '../../shared/cascade/jobs/job-instances.ts';
import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import {
  type SettingsStore,
  settingsBodySchema,
  settingsPatchSchema,
  toSettingsBody,
} from '../../shared/settings/settings.ts';

export interface PatchSettingsPorts {
  readonly settings: SettingsStore;
  /** Has the jobs that waited for the end of `pauseAllJobs` look at it. */
  readonly wakeJobs?: (instances: JobInstances) => Promise<unknown>;
}

/** PATCH /settings: a merge-patch; null puts a setting, or a group of them, back to its default. 422 when a rule is broken. */
export function patchSettings({ settings, wakeJobs }: PatchSettingsPorts): Endpoint {
  return durableEndpoint({
    name: 'patchSettings',
    summary: 'Change settings; null puts one back to its default.',
    method: 'PATCH',
    route: 'settings',
    roles: ['Administrator'],
    body: settingsPatchSchema,
    answers: { 200: settingsBodySchema },
    problems: ['rule-broken'],
    ifMatch: 'required',
    async handle({ body, caller, ifMatch, durable, log }) {
      const changed = await settings.changeSettings({ patch: body, by: caller.id, ifMatch });
      if (wakeJobs && 'pauseAllJobs' in body && !changed.settings.pauseAllJobs) {
        // They look by themselves later; this only spares them the wait.
        await wakeJobs(jobInstances(durable, log)).catch((error: unknown) =>
          log(`Jobs weren't woken: ${String(error)}`),
        );
      }
      return { status: 200, body: toSettingsBody(changed.settings), headers: etagHeader(changed.version) };
    },
  });
}
