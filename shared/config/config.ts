import { z } from 'zod';
import { type KeySetSource, keySetSource } from './key-set-source.ts';

/** What the environment says, read once at the start. Run-time settings (shared/settings) are stored instead. */
export interface Config {
  /** Connection string of the storage account that holds our tables: SPILLWAY_STORAGE, else AzureWebJobsStorage. A secret: never log it. */
  readonly storageConnection: string;
  /** `iss` that every token must carry. */
  readonly authIssuer: string;
  /** `aud` that every token must carry. */
  readonly authAudience: string;
  /** Public keys that tokens are signed with. */
  readonly authKeySet: KeySetSource;
  /** How the page signs people in: its own id at the issuer, and what it asks a token for. Undefined: by a pasted token alone. */
  readonly signIn: { readonly clientId: string; readonly scope: string } | undefined;
  /** Connection string of the Service Bus namespace that carries events and offline changes; undefined: none does. A secret. */
  readonly serviceBusConnection: string | undefined;
  /** First value of the setting `timersEnabled`: holds until the setting is changed. */
  readonly timersEnabled: boolean;
  /** Whether the webhook may be on the machine that Spillway runs on. */
  readonly webhookLoopback: boolean;
  /** Transactions of cascades that this process has under way at the same time, over all jobs. */
  readonly parallelTransactions: number;
  /** Whether an answer that isn't as its endpoint declares is a fault: on in tests. */
  readonly checkAnswers: boolean;
  /** Module whose `policies` join the storage client's pipeline, so that tests can make storage fail. Undefined in service. */
  readonly storageHookPath: string | undefined;
  /** Module whose `plugins` join those that are declared here. */
  readonly pluginsPath: string | undefined;
}

/** Thrown when the environment is not usable; names every bad key, never a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** The keys, in the order of the message. */
  readonly keys: readonly string[];

  constructor(problems: readonly { key: string; problem: string }[]) {
    super(`Set these and start again:\n${problems.map(({ key, problem }) => `  ${key}: ${problem}`).join('\n')}`);
    this.keys = problems.map(({ key }) => key);
  }
}

/** Zod's own messages may quote what was given, so every check brings a message of its own. */
const text = (error: string) => z.string({ error });

const storage = z
  .string()
  .refine(isConnectionString, 'is not a connection string (name=value;name=value …)')
  .optional();

const environment = z.object({
  AzureWebJobsStorage: storage,
  SPILLWAY_STORAGE: storage,
  SPILLWAY_SERVICE_BUS: storage,
  AUTH_ISSUER: text('is missing: the issuer (`iss`) of tokens'),
  AUTH_AUDIENCE: text('is missing: the audience (`aud`) of tokens'),
  AUTH_JWKS: text('is missing: a JSON Web Key Set, inline or the https URL of one').pipe(keySetSource),
  AUTH_CLIENT_ID: z.string().optional(),
  AUTH_SCOPE: z.string().optional(),
  SPILLWAY_TIMERS_ENABLED: z.stringbool({ error: 'is neither true nor false' }).default(true),
  SPILLWAY_WEBHOOK_LOOPBACK: z.stringbool({ error: 'is neither true nor false' }).default(false),
  SPILLWAY_PARALLEL_TRANSACTIONS: z
    .stringFormat('count', /^[1-9]\d?$/, { error: 'is no whole number from 1 to 99' })
    .default('8'),
  SPILLWAY_CHECK_ANSWERS: z.stringbool({ error: 'is neither true nor false' }).default(false),
  SPILLWAY_STORAGE_HOOK: z.string().optional(),
  SPILLWAY_PLUGINS: z.string().optional(),
});

/**
 * Reads and checks the environment. A key that is empty counts as not set. Throws ConfigError that lists everything that
 * is wrong at once. Pure but for its default argument.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const result = environment.safeParse(given);
  const problems = (result.error?.issues ?? []).map(({ path, message }) => ({
    key: String(path[0]),
    problem: message,
  }));
  if (given.AzureWebJobsStorage === undefined && given.SPILLWAY_STORAGE === undefined) {
    problems.unshift({ key: 'AzureWebJobsStorage', problem: 'is missing: the connection string of a storage account' });
  }
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  const values = result.data;
  return {
    storageConnection: values.SPILLWAY_STORAGE ?? values.AzureWebJobsStorage ?? '',
    serviceBusConnection: values.SPILLWAY_SERVICE_BUS,
    authIssuer: values.AUTH_ISSUER,
    authAudience: values.AUTH_AUDIENCE,
    authKeySet: values.AUTH_JWKS,
    signIn: values.AUTH_CLIENT_ID
      ? { clientId: values.AUTH_CLIENT_ID, scope: values.AUTH_SCOPE ?? `${values.AUTH_AUDIENCE}/.default` }
      : undefined,
    timersEnabled: values.SPILLWAY_TIMERS_ENABLED,
    webhookLoopback: values.SPILLWAY_WEBHOOK_LOOPBACK,
    parallelTransactions: Number(values.SPILLWAY_PARALLEL_TRANSACTIONS),
    checkAnswers: values.SPILLWAY_CHECK_ANSWERS,
    storageHookPath: values.SPILLWAY_STORAGE_HOOK,
    pluginsPath: values.SPILLWAY_PLUGINS,
  };
}

function isConnectionString(value: string): boolean {
  return value.split(';').every((part) => part.trim() === '' || /^\s*\w+=/.test(part));
}
