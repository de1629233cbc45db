/**
 * JSON as I-JSON (RFC 7493) has it: UTF-8, no name twice in one object, no half of a surrogate pair. JSON.parse would take
 * each of them and change what was sent without a word.
 */

/** What nests deeper is nobody's data, and would break what walks through it. */
const MAX_DEPTH = 64;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Decodes UTF-8. Throws a SyntaxError for bytes that are none. */
export function decodeUtf8(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new SyntaxError('it is not in UTF-8');
  }
}

/** Parses JSON. Throws a SyntaxError that says what is wrong. */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  checkStrings(text);
  return value;
}

/** Goes through text that JSON.parse has accepted once, so that a large body costs little more than parsing it. */
function checkStrings(text: string): void {
  /** Names seen in each object that is open; undefined before the first one, and for an array. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const mark = text[at];
    if (mark === '{' || mark === '[') {
      if (open.push(undefined) > MAX_DEPTH) throw new SyntaxError(`it nests deeper than ${MAX_DEPTH} levels`);
    } else if (mark === '}' || mark === ']') {
      open.pop();
    } else if (mark === '"') {
      const end = endOfString(text, at);
      checkString(text.slice(at, end), isName(text, end) ? open : undefined);
      at = end - 1;
    }
  }
}

/** Where a string that begins at a quote ends, its closing quote included. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Whether a colon follows: then the string before is a name. */
function isName(text: string, end: number): boolean {
  let at = end;
  while (' \n\r\t'.includes(text[at] ?? '?')) at++;
  return text[at] === ':';
}

/** `open`: where the string is a name, those seen in the objects around it. */
function checkString(token: string, open: (Set<string> | undefined)[] | undefined): void {
  const value = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
  // Only an escape can bring half of a pair into decoded text.
  if (token.includes('\\u') && LONE_SURROGATE.test(value)) {
    throw new SyntaxError(`the text ${token} has half of a surrogate pair`);
  }
  if (!open) return;
  const seen = open.at(-1) ?? new Set();
  if (seen.has(value)) throw new SyntaxError(`the name ${token} stands twice in one object`);
  open[open.length - 1] = seen.add(value);
}
