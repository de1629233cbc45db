/** Tells whether the text of a route parameter satisfies a constraint. */
export type RouteConstraint = (value: string) => boolean;

const INTEGER = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const GUID = /^(?:[\da-f]{32}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|\{[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\})$/i;

const isWithin = (value: string, least: bigint, most: bigint) =>
  INTEGER.test(value) && BigInt(value.replace('+', '')) >= least && BigInt(value.replace('+', '')) <= most;

const PLAIN: Readonly<Record<string, RouteConstraint>> = {
  int: (value) => isWithin(value, -(2n ** 31n), 2n ** 31n - 1n),
  long: (value) => isWithin(value, -(2n ** 63n), 2n ** 63n - 1n),
  bool: (value) => /^(?:true|false)$/i.test(value),
  datetime: (value) => !Number.isNaN(Date.parse(value)),
  decimal: (value) => DECIMAL.test(value),
  double: (value) => FLOAT.test(value),
  float: (value) => FLOAT.test(value),
  guid: (value) => GUID.test(value),
  alpha: (value) => /^[a-z]*$/i.test(value),
  required: (value) => value !== '',
};

/** Constraints with numbers in brackets: `range(1,9)`. Each takes a fixed number of them (length takes one or two). */
const WITH_NUMBERS: Readonly<Record<string, (first: bigint, second: bigint | undefined) => RouteConstraint>> = {
  minlength: (least) => (value) => value.length >= Number(least),
  maxlength: (most) => (value) => value.length <= Number(most),
  length: (least, most) => (value) => value.length >= Number(least) && value.length <= Number(most ?? least),
  min: (least) => (value) => INTEGER.test(value) && BigInt(value.replace('+', '')) >= least,
  max: (most) => (value) => INTEGER.test(value) && BigInt(value.replace('+', '')) <= most,
  range: (least, most) => (value) => isWithin(value, least, most ?? least),
};

/**
 * The constraint that a route template names behind a colon: `int`, `length(2,5)`, `regex(^\d+$)`.
 *
 * @throws an Error that names the constraint when it's unknown or its arguments are wrong.
 */
export function routeConstraint(text: string): RouteConstraint {
  const [, name = text, args] = /^([A-Za-z]+)\((.*)\)$/s.exec(text) ?? [];
  const plain = args === undefined ? PLAIN[name.toLowerCase()] : undefined;
  if (plain) return plain;
  if (args !== undefined && name.toLowerCase() === 'regex') {
    const pattern = new RegExp(args, 'i');
    return (value) => pattern.test(value);
  }
  const withNumbers = WITH_NUMBERS[name.toLowerCase()];
  const numbers = (args ?? '').split(',').map((part) => part.trim());
  const [first, second] = numbers;
  if (!withNumbers || !first || numbers.length > 2 || !numbers.every((part) => INTEGER.test(part))) {
    throw new Error(`The route constraint ":${text}" is not one that the host knows.`);
  }
  return withNumbers(BigInt(first), second === undefined ? undefined : BigInt(second));
}
