import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const localSettingsSchema = z.looseObject({ Values: z.record(z.string(), z.coerce.string()).default({}) });

/** A .NET TimeSpan without days, in seconds. */
const timeSpan = z
  .string()
  .regex(/^\d\d:\d\d:\d\d$/, 'must be hh:mm:ss')
  .transform((text) => text.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0));

/** What the Durable extension refuses ends the Functions host; this host reads it only so that it refuses the same. */
const storageProvider = z.looseObject({
  controlQueueVisibilityTimeout: timeSpan
    .refine((seconds) => seconds >= 60 && seconds <= 3600, 'must be from 00:01:00 to 01:00:00')
    .optional(),
  workItemQueueVisibilityTimeout: timeSpan.optional(),
  maxQueuePollingInterval: timeSpan.refine((seconds) => seconds > 0, 'must be more than 00:00:00').optional(),
  partitionCount: z.int().min(1).max(16).optional(),
});

const hostJsonSchema = z.looseObject({
  logging: z.looseObject({ logLevel: z.record(z.string(), z.string()).default({}) }).optional(),
  extensions: z
    .looseObject({
      http: z.looseObject({ routePrefix: z.string().default('api') }).optional(),
      durableTask: z
        .looseObject({
          hubName: z.string().optional(),
          storageProvider: storageProvider.optional(),
          maxConcurrentActivityFunctions: z.int().positive().optional(),
          maxConcurrentOrchestratorFunctions: z.int().positive().optional(),
        })
        .optional(),
    })
    .optional(),
});

/** The parts of host.json that the local host goes by, with the Functions host's defaults. */
export interface HostJson {
  readonly routePrefix: string;
  readonly hubName: string;
  readonly maxConcurrentActivityFunctions: number;
  readonly maxConcurrentOrchestratorFunctions: number;
  /** The Functions host's name of a level (`Information`), of the category `default`. */
  readonly logLevel: string | undefined;
}

/** Reads host.json in the project's folder; a missing one counts as empty. */
export function readHostJson(projectPath: string): HostJson {
  const path = join(projectPath, 'host.json');
  const { logging, extensions } = existsSync(path) ? readJson(path, hostJsonSchema) : {};
  const durable = extensions?.durableTask;
  return {
    routePrefix: (extensions?.http?.routePrefix ?? 'api').replace(/^\/+|\/+$/g, ''),
    hubName: durable?.hubName ?? 'TestHubName',
    maxConcurrentActivityFunctions: durable?.maxConcurrentActivityFunctions ?? 10,
    maxConcurrentOrchestratorFunctions: durable?.maxConcurrentOrchestratorFunctions ?? 10,
    logLevel: logging?.logLevel.default,
  };
}

/**
 * The environment of the app: `env`, and what it lacks from `Values` of local.settings.json or, when that's missing, of
 * local.settings.sample.json.
 */
export function withLocalSettings(projectPath: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = ['local.settings.json', 'local.settings.sample.json'];
  const path = names.map((name) => join(projectPath, name)).find((candidate) => existsSync(candidate));
  return path === undefined ? { ...env } : { ...readJson(path, localSettingsSchema).Values, ...env };
}

function readJson<T>(path: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, '')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new Error(`${path} can't be used: ${reason}`);
  }
}
