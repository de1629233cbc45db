import { z } from 'zod';
import { CASCADE_ACTIONS } from '../../shared/cascade/jobs/action-needs.ts';
import type { Plugin } from '../../shared/cascade/plugins/plugin.ts';
import { TABLE_NAMES } from '../../shared/catalogue/tables.ts';
import { pageOf } from '../../shared/http/answers.ts';
import { type Endpoint, endpoint } from '../../shared/http/endpoint.ts';
import { decodeContinuation, encodeContinuation, listQuery } from '../../shared/http/lists.ts';
import type { SettingsStore } from '../../shared/settings/settings.ts';

const querySchema = z.strictObject({
  ...listQuery,
  table: z.enum(TABLE_NAMES).optional(),
  action: z.enum(CASCADE_ACTIONS).optional(),
});

const itemSchema = z.strictObject({
  name: z.string(),
  description: z.string(),
  table: z.enum(TABLE_NAMES),
  action: z.enum(CASCADE_ACTIONS),
  step: z.enum(['before', 'after']),
  filter: z.strictObject({
    state: z.enum(['Active', 'Inactive']).optional(),
    columns: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  }),
  enabled: z.boolean(),
});

/** GET /plugins: the declared plug-ins, for which table, action and records they are, and whether they run; in the order they run in. */
export function listPlugins(ports: {
  readonly plugins: readonly Plugin[];
  readonly settings: Pick<SettingsStore, 'readSettings'>;
}): Endpoint {
  return endpoint({
    name: 'listPlugins',
    summary: 'List the declared plug-ins.',
    method: 'GET',
    route: 'plugins',
    roles: ['Administrator'],
    query: querySchema,
    answers: { 200: pageOf(itemSchema) },
    problems: [],
    async handle({ query }) {
      const { table, action, pageSize, continuationToken } = query;
      const start =
        continuationToken === undefined ? 0 : decodeContinuation(continuationToken, z.number().int().min(0));
      const { disabledPlugins } = (await ports.settings.readSettings()).settings;
      const fitting = ports.plugins.filter(
        (plugin) => (table ?? plugin.table) === plugin.table && (action ?? plugin.action) === plugin.action,
      );
      const items = fitting.slice(start, start + pageSize).map(({ run: _run, filter = {}, ...declared }) => ({
        ...declared,
        filter,
        enabled: !disabledPlugins.includes(declared.name),
      }));
      const end = start + pageSize;
      return {
        status: 200,
        body: { items, ...(end < fitting.length && { continuationToken: encodeContinuation(end) }) },
      };
    },
  });
}
