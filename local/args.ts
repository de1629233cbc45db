import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The command line can't be understood; the message says what is wrong and what would do. */
export class UsageError extends Error {}

/** Somebody asked how a program is called (`--help`); the message says it. */
export class HelpWanted extends Error {}

/** What `npm start` was asked for. */
export interface StartArgs {
  /** False (`--no-demo`): no demo data, and the app's own timers wait for a call on demand. */
  readonly demo: boolean;
}

/** @throws UsageError */
export function parseStartArgs(args: readonly string[]): StartArgs {
  const values = parse(args, { 'no-demo': { type: 'boolean' } }, 'npm start [-- --no-demo]');
  return { demo: values['no-demo'] !== true };
}

/** @throws UsageError when there are arguments. */
export function parseNoArgs(args: readonly string[], usageText: string): void {
  parse(args, {}, usageText);
}

/** Local tokens carry one of these roles. */
export const ROLES = ['Administrator', 'User', 'Channel'] as const;

export type Role = (typeof ROLES)[number];

/** What `npm run token` was asked for. */
export interface TokenArgs {
  readonly role: Role;
  readonly subject: string;
  readonly channel?: string | undefined;
  readonly lifetimeSeconds: number;
}

const TOKEN_USAGE =
  'npm run --silent token -- --role Administrator|User|Channel [--user ID] [--channel ID] [--expires 8h]';

const DEFAULT_LIFETIME = '8h';

/** @throws UsageError */
export function parseTokenArgs(args: readonly string[]): TokenArgs {
  const options = {
    role: { type: 'string' },
    user: { type: 'string' },
    channel: { type: 'string' },
    expires: { type: 'string' },
  } as const;
  const { role: roleText, user, channel, expires } = parse(args, options, TOKEN_USAGE);
  const role = ROLES.find((name) => name.toLowerCase() === roleText?.toLowerCase());
  if (!role) throw usage(roleText ? `"${roleText}" is no role` : '--role is missing', TOKEN_USAGE);
  if (user === '' || channel === '') throw usage('an id is empty', TOKEN_USAGE);
  const lifetimeSeconds = parseLifetime(expires ?? DEFAULT_LIFETIME);
  return { role, subject: subjectOf(role, user, channel), channel, lifetimeSeconds };
}

function subjectOf(role: Role, user: string | undefined, channel: string | undefined): string {
  if (role === 'User' && user === undefined) throw usage('the role User needs --user', TOKEN_USAGE);
  if (role === 'Channel' && channel === undefined) throw usage('the role Channel needs --channel', TOKEN_USAGE);
  return user ?? (role === 'Channel' ? `channel:${channel}` : 'admin');
}

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Ten years. */
const LONGEST_SECONDS = 3650 * SECONDS.d;

function parseLifetime(text: string): number {
  const [, number = '0', unit = 's'] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const seconds = Number(number) * SECONDS[unit as keyof typeof SECONDS];
  if (seconds > 0 && seconds <= LONGEST_SECONDS) return seconds;
  throw usage(`--expires is "${text}"; a number with s, m, h or d would do, up to ten years`, TOKEN_USAGE);
}

function parse<T extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: T, text: string) {
  if (args.includes('--help')) throw new HelpWanted(`Usage: ${text}`);
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw usage((error as Error).message.split('. ')[0]?.replace(/\.$/, '') ?? '', text);
  }
}

const usage = (reason: string, text: string) => new UsageError(`${reason}. Usage: ${text}`);
