import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FunctionApp } from '../../../../local/functions-core/function-app.ts';
import { loadFunctionApp } from '../../../../local/functions-core/load.ts';
import { handleAdmin } from '../../../../local/http/admin-api.ts';
import { silentLog } from '../../../../local/log.ts';

const RECORDINGS = new URL('../../../fixtures/recordings/', import.meta.url);
const appPath = fileURLToPath(new URL('app.js', RECORDINGS));

let app: FunctionApp;
beforeAll(async () => {
  app = await loadFunctionApp({ entryPoints: [appPath], log: silentLog });
});

/** What GET of a path of the recorded host is answered with here, JSON text as it goes out. */
function answer(path: string): string {
  const request = { method: 'GET', url: `http://127.0.0.1:7071${path}`, headers: {}, body: Buffer.alloc(0) };
  const response = handleAdmin(request, {
    functions: () => app.functions,
    isSwitchedOff: ({ name }) => name === 'hello',
    state: () => 'Running',
    routePrefix: 'api',
    projectPath: dirname(appPath),
    runByHand: () => {},
  });
  return String(response?.body);
}

function recorded(name: string): string {
  const text = readFileSync(new URL(`http/${name}.txt`, RECORDINGS), 'utf8');
  return text.slice(text.search(/\r?\n\r?\n/)).trim();
}

/** Addresses of files, and the script's folder, differ by where an app lies. */
const withoutPlace = (text: string) =>
  text.replace(/https?:\/\/[\w.]+:\d+\/admin\/vfs[^"]*/g, '<file>').replace(/"functionDirectory":"[^"]*"/g, '<folder>');

/** The recorded host was asked for its list as https://localhost:7071. */
const withoutOrigin = (text: string) => withoutPlace(text).replace(/https?:\/\/[\w.]+:7071/g, '<origin>');

describe('E8 the list of functions', () => {
  it('describes a function byte for byte as the Functions host does', () => {
    expect(withoutPlace(answer('/admin/functions/main'))).toBe(withoutPlace(recorded('04-function-main')));
  });

  it('lists functions in the order, and with the members, of the Functions host', () => {
    // The recording is cut after its second function, and was made before the app had `caught`.
    const [start = ''] = recorded('03-functions').split(/,(?=\{"name":"counter")/);
    const functions: { name: string }[] = JSON.parse(answer('/admin/functions'));
    expect(functions.slice(0, 4).map(({ name }) => name)).toEqual(['alwaysFails', 'caught', 'child', 'counter']);
    const same = JSON.stringify([functions[0], functions[2]]);
    expect(withoutOrigin(same)).toBe(withoutOrigin(`${start}]`));
  });

  it('gives the status of a function', () => {
    expect(answer('/admin/functions/MAIN/status')).toBe(recorded('05-function-status'));
  });

  it('says where an HTTP function answers, with its bindings, and whether it is switched off', () => {
    expect(JSON.parse(answer('/admin/functions/hello'))).toMatchObject({
      invoke_url_template: 'http://127.0.0.1:7071/api/hello/{name?}',
      config: { bindings: [{ type: 'httpTrigger', methods: ['GET', 'POST'], direction: 'in' }, { type: 'http' }] },
      isDisabled: true,
    });
    expect(JSON.parse(answer('/admin/functions/main'))).toMatchObject({ invoke_url_template: null, isDisabled: false });
  });
});
