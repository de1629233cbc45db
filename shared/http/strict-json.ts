/**
 * JSON as I-JSON (RFC 7493) has it: UTF-8, no name twice in one object, no half of a surrogate pair. JSON.parse would take
 * each of them and change what was sent without a word.
 */

/** Strings and the marks between values, in text that JSON.parse has accepted. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g;
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

function checkStrings(text: string): void {
  /** Names seen in each object that is open; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let last = '';
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') checkName(open.at(-1), last);
    else if (token !== ',') checkText(token);
    last = token;
  }
}

function checkName(seen: Set<string> | undefined, token: string): void {
  const name = JSON.parse(token) as string;
  if (seen?.has(name)) throw new SyntaxError(`the name ${token} stands twice in one object`);
  seen?.add(name);
}

/** Only an escape can bring half of a pair into decoded text. */
function checkText(token: string): void {
  if (!token.includes('\\u') || !LONE_SURROGATE.test(JSON.parse(token) as string)) return;
  throw new SyntaxError(`the text ${token} has half of a surrogate pair`);
}
