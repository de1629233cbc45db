import { z } from 'zod';
import { type JobInstances, jobInstances } from '../../shared/cascade/jobs/job-instances.ts';
import { durableEndpoint, type Endpoint } from '../../shared/http/endpoint.ts';
import { etagHeader } from '../../shared/http/responses.ts';
import { Problem } from '../../shared/problem.ts';
import {
  type SettingsStore,
  settingsBodySchema,
  settingsPatchSchema,
  toSettingsBody,
} from '../../shared/settings/settings.ts';

export interface PatchSettingsPorts {
  readonly settings: SettingsStore;
  /** Names of the plug-ins there are. */
  readonly pluginNames?: readonly string[];
  /** Has the jobs that waited for the end of `pauseAllJobs` look at it. */
  readonly wakeJobs?: (instances: JobInstances) => Promise<unknown>;
}

/** Anything else is refused with the other settings. */
const namesSchema = z.array(z.string());

/** PATCH /settings: a merge-patch; null puts a setting, or a group of them, back to its default. 422 when a rule is broken. */
export function patchSettings({ settings, wakeJobs, pluginNames = [] }: PatchSettingsPorts): Endpoint {
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
      const disabled = namesSchema.safeParse(body.disabledPlugins);
      if (disabled.success) refuseUnknownPlugins(disabled.data, pluginNames);
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

/** A misspelt name would leave the plug-in that was meant on. */
function refuseUnknownPlugins(disabled: readonly string[], known: readonly string[]): void {
  const unknown = disabled.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new Problem(
    'rule-broken',
    `disabledPlugins: there is no plug-in ${unknown.join(', ')}. Nothing was changed; GET /api/plugins lists those that there are.`,
  );
}
