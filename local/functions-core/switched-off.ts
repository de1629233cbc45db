import type { RegisteredFunction } from './function-app.ts';

/**
 * The functions of an app that settings switch off: `AzureWebJobs.<name>.Disabled`, or with `_` for the dots, set to
 * `true` or `1`. Letter case doesn't count, in names as in values. They stay listed, and run by hand alone.
 */
export function findSwitchedOff(
  functions: Iterable<RegisteredFunction>,
  settings: Readonly<Record<string, string | undefined>>,
): ReadonlySet<RegisteredFunction> {
  const names = new Set<string>();
  for (const [setting, value] of Object.entries(settings)) {
    const [, , name] = /^AzureWebJobs([._])(.+)\1Disabled$/i.exec(setting) ?? [];
    if (name !== undefined && /^(?:true|1)$/i.test(value?.trim() ?? '')) names.add(name.toLowerCase());
  }
  return new Set([...functions].filter((fn) => names.has(fn.name.toLowerCase())));
}
