import { basename, dirname, relative, sep } from 'node:path';
import type { RegisteredFunction } from '../functions-core/function-app.ts';

/** Where an app's functions are found: on disk, and on the web. */
export interface FunctionPlace {
  /** Folder of package.json. */
  readonly projectPath: string;
  /** From host.json; empty for none. */
  readonly routePrefix: string;
  /** Of the host as the caller knows it, such as `http://127.0.0.1:7071`. */
  readonly origin: string;
}

/**
 * A function as `/admin/functions` lists it: the Functions host's members, in its order. The addresses of script and test
 * data are given as there, but nothing serves them here.
 */
export function describeFunction(fn: RegisteredFunction, isDisabled: boolean, place: FunctionPlace) {
  const { origin } = place;
  const { name } = fn;
  const script = relative(place.projectPath, fn.scriptPath ?? place.projectPath)
    .split(sep)
    .join('/');
  return {
    name,
    script_root_path_href: null,
    script_href: `${origin}/admin/vfs/${script}`,
    config_href: null,
    test_data_href: `${origin}/admin/vfs/${name}.dat`,
    href: `${origin}/admin/functions/${name}`,
    invoke_url_template: invokeUrlTemplate(fn, place),
    language: 'node',
    config: {
      name,
      entryPoint: '',
      scriptFile: basename(script),
      language: 'node',
      functionDirectory: dirname(script),
      bindings: Object.entries(fn.bindings).map(([key, binding]) => ({ ...binding, name: key })),
    },
    files: null,
    test_data: '',
    isDisabled,
    isDirect: false,
    isProxy: false,
  };
}

/** Where an HTTP function answers, in lower case; null for a function of another trigger. */
function invokeUrlTemplate(fn: RegisteredFunction, { origin, routePrefix }: FunctionPlace): string | null {
  const { route, type } = fn.trigger.binding;
  if (type.toLowerCase() !== 'httptrigger') return null;
  const path = typeof route === 'string' && route !== '' ? route : fn.name;
  return [origin, routePrefix, path]
    .filter((part) => part !== '')
    .join('/')
    .toLowerCase();
}
