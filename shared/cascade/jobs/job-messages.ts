import type { JobMessage } from './job.ts';

/** A job keeps so many messages; the oldest go first, but the first of all stays. */
export const MAX_MESSAGES = 50;
const MAX_TEXT_LENGTH = 1000;
/** A message names so many records; the reason for the pause and the change log name all. */
const MAX_RECORDS = 50;

/** The messages with one more. One that says the same as the last of its code is not said twice in a row. */
export function withMessage(messages: readonly JobMessage[], message: JobMessage): readonly JobMessage[] {
  const { records, text, ...rest } = message;
  const added: JobMessage = {
    ...rest,
    text: text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH - 1)}…` : text,
    ...(records && records.length > 0 && { records: records.slice(0, MAX_RECORDS) }),
  };
  if (repeats(messages, added)) return messages;
  const all = [...messages, added];
  return all.length <= MAX_MESSAGES ? all : [...all.slice(0, 1), ...all.slice(all.length - MAX_MESSAGES + 1)];
}

/** Lanes that fail for one cause at the same time say it once: since the last message of another code. */
function repeats(messages: readonly JobMessage[], { code, text }: JobMessage): boolean {
  for (const earlier of [...messages].reverse()) {
    if (earlier.code !== code) return false;
    if (earlier.text === text) return true;
  }
  return false;
}
