/**
 * Keys of table rows. Table Storage forbids `/ \ # ?` and control characters in a PartitionKey or RowKey, compares them
 * by code unit, and allows 1 KiB each; `|` is our separator between the parts of a key.
 */

const SAFE = /[A-Za-z0-9._-]/;

/**
 * Encodes free text as a part of a key: letters, digits and `. _ -` stay, every other UTF-8 byte becomes `~XX`. The code
 * of a prefix is a prefix of the code, so that beginnings can be searched by key range. Undone by `decodeKeyPart`.
 */
export function encodeKeyPart(text: string): string {
  let encoded = '';
  for (const character of text) {
    if (SAFE.test(character)) encoded += character;
    else
      for (const byte of Buffer.from(character, 'utf8'))
        encoded += `~${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** The text that `encodeKeyPart` was given. */
export function decodeKeyPart(encoded: string): string {
  const bytes: number[] = [];
  for (let at = 0; at < encoded.length; at++) {
    if (encoded[at] === '~') {
      bytes.push(Number.parseInt(encoded.slice(at + 1, at + 3), 16));
      at += 2;
    } else bytes.push(encoded.charCodeAt(at));
  }
  return Buffer.from(bytes).toString('utf8');
}

/** The least key above every key that begins with `prefix` (`~` is the highest character that our keys use). */
export function afterPrefix(prefix: string): string {
  return `${prefix}\u007f`;
}

/** A whole number from 0 on as a key part of fixed width, so that keys sort as numbers do. Throws when it doesn't fit. */
export function numberKey(value: number, digits: number): string {
  const text = String(value);
  if (!Number.isSafeInteger(value) || value < 0 || text.length > digits) {
    throw new RangeError(`Number ${value} doesn't fit a key of ${digits} digits`);
  }
  return text.padStart(digits, '0');
}
