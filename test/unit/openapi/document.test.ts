import { beforeAll, describe, expect, it } from 'vitest';
import { API_TEXTS } from '../../../functions/web/api-texts.ts';
import type { Endpoint } from '../../../shared/http/endpoint.ts';
import { describeApi } from '../../../shared/http/openapi/document.ts';
import { declaredEndpoints } from '../../support/declared-endpoints.ts';

interface Operation {
  readonly operationId: string;
  readonly 'x-roles': readonly string[];
  readonly parameters: readonly { readonly $ref?: string; readonly in?: string; readonly name?: string }[];
  readonly responses: Readonly<Record<string, { readonly $ref?: string }>>;
}

let endpoints: readonly Endpoint[];
let text: string;
let document: { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

beforeAll(async () => {
  endpoints = await declaredEndpoints();
  text = JSON.stringify(describeApi(endpoints, API_TEXTS));
  document = JSON.parse(text);
});

describe('E3 the description of the API', () => {
  it('has each function once, at its address and method, under its name and with whom it answers', () => {
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => [
        `${method} ${path} ${operation.operationId} ${operation['x-roles'].join()}`,
      ]),
    );
    const declared = endpoints.map(({ method, route, name, roles }) => [
      `${method.toLowerCase()} /${route.replace('{*', '{')} ${name} ${roles === 'anyone' ? '' : roles.join()}`,
    ]);
    expect(declared.length).toBeGreaterThan(80);
    expect(described.sort()).toEqual(declared.sort());
  });

  it('says every parameter, If-Match and Idempotency-Key where they are heeded, and every problem', () => {
    const patch = document.paths['/tables/{table}/{id}']?.patch;
    expect(patch?.parameters.map((each) => each.$ref ?? `${each.in} ${each.name}`)).toEqual([
      'path table',
      'path id',
      '#/components/parameters/ifMatch-required',
    ]);
    expect(Object.keys(patch?.responses ?? {})).toEqual(
      expect.arrayContaining(['200', '400', '401', '403', '404', '412', '413', '415', '423', '428', '429', '500']),
    );
    const create = document.paths['/tables/{table}']?.post;
    expect(create?.parameters.map((each) => each.$ref)).toContain('#/components/parameters/idempotencyKey');
  });

  it('refers to nothing that is not in it', () => {
    const wanted = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
    const missing = wanted.filter((path) => {
      const found = path.split('/').reduce<unknown>((at, name) => (at as Record<string, unknown>)?.[name], document);
      return found === undefined;
    });
    expect(wanted.length).toBeGreaterThan(100);
    expect(missing).toEqual([]);
  });
});
