import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadFunctionApp } from '../../../local/functions-core/load.ts';
import type { LogEntry } from '../../../local/log.ts';

const recordedApp = fileURLToPath(new URL('../../fixtures/recordings/app.js', import.meta.url));

async function load() {
  const entries: LogEntry[] = [];
  const app = await loadFunctionApp({ entryPoints: [recordedApp], log: (entry) => entries.push(entry) });
  const find = (name: string) => {
    const fn = app.functions.get(name);
    if (!fn) throw new Error(`no function ${name}`);
    return fn;
  };
  return { app, entries, find };
}

describe('the function loader (E6)', () => {
  it('registers what a compiled app registers through the real packages, with one trigger each', async () => {
    const { app, find } = await load();
    expect(app.functions.size).toBe(16);
    expect(find('hello').trigger.binding).toMatchObject({ type: 'httpTrigger', route: 'hello/{name?}' });
    expect(find('starter').bindings).toSatisfy((bindings: Record<string, { type: string }>) =>
      Object.values(bindings).some((binding) => binding.type === 'durableClient'),
    );
  });

  it('loads the same app a second time, with state of its own', async () => {
    const [first, second] = [await load(), await load()];
    expect([...second.app.functions.keys()]).toEqual([...first.app.functions.keys()]);
  });

  it('gives a function its trigger value and hands back what it returned', async () => {
    const { app, find } = await load();
    const result = await app.invoke(find('sayHello'), { trigger: { json: '"Tokyo"' } });
    expect(result.returnValue).toEqual({ string: 'Hello Tokyo' });
  });

  it('answers an HTTP call through the http output binding', async () => {
    const { app, find } = await load();
    const http = {
      method: 'GET',
      url: 'http://localhost/api/hello/bob',
      headers: {},
      query: {},
      params: { name: 'bob' },
    };
    const { returnValue } = await app.invoke(find('hello'), { trigger: { http } });
    expect(returnValue?.http?.statusCode).toBe('200');
    expect(JSON.parse(Buffer.from(returnValue?.http?.body?.bytes ?? []).toString())).toEqual({ hello: 'bob', q: {} });
  });

  it('rejects with what the function threw', async () => {
    const { app, find } = await load();
    await expect(app.invoke(find('alwaysFails'), { trigger: { json: '1' } })).rejects.toThrow('boom');
  });

  it('logs with function name and invocation id', async () => {
    const { app, entries, find } = await load();
    const http = { method: 'GET', url: 'http://localhost/api/hello', headers: {}, query: {}, params: {} };
    await app.invoke(find('hello'), { trigger: { http }, invocationId: 'call-1' });
    expect(entries).toContainEqual({
      level: 'information',
      message: 'hello called',
      function: 'hello',
      invocationId: 'call-1',
    });
  });
});
