/** JSON text with every UTF-16 unit beyond ASCII escaped. It is the same value when parsed, and may be cut anywhere on its way. */
export function escapeNonAscii(json: string): string {
  return json.replace(/[\u0080-\uFFFF]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
