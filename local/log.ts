/** Levels of the Functions host, from least to most severe. */
export const LOG_LEVELS = ['trace', 'debug', 'information', 'warning', 'error', 'critical'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** One thing worth telling. `function` and `invocationId` are set for what a function wrote while it ran. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly function?: string | undefined;
  readonly invocationId?: string | undefined;
}

/** Where log entries go. Never throws. */
export type Log = (entry: LogEntry) => void;

/** A log that keeps nothing, for tests and tools. */
export const silentLog: Log = () => {};

/**
 * A log that writes one line per entry: warnings and worse to stderr, the rest to stdout. Line breaks inside a message
 * become `\n`, so that an entry never spreads over several lines.
 *
 * @param minimumLevel entries below it are dropped (default `information`).
 * @param now the time to print, in milliseconds since 1970.
 */
export function consoleLog(minimumLevel: LogLevel = 'information', now: () => number = Date.now): Log {
  const minimum = LOG_LEVELS.indexOf(minimumLevel);
  return (entry) => {
    const severity = LOG_LEVELS.indexOf(entry.level);
    if (severity < minimum) return;
    const stream = severity >= LOG_LEVELS.indexOf('warning') ? process.stderr : process.stdout;
    stream.write(`${formatLogEntry(entry, now())}\n`);
  };
}

/** The line that `consoleLog` writes: time, level, function and invocation id in brackets when known, message. */
function formatLogEntry(entry: LogEntry, timeMs: number): string {
  const source = [entry.function, entry.invocationId].filter((part) => part !== undefined).join(' ');
  const message = entry.message.replaceAll('\r', '').replaceAll('\n', '\\n');
  return `${new Date(timeMs).toISOString()} ${entry.level}${source === '' ? '' : ` [${source}]`} ${message}`;
}
