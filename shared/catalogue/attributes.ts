/**
 * The attributes of customers: name and value beside the columns that every account has. A declared one has its type and
 * limits here, and no other code names it; an attribute that isn't declared is taken by the type that is sent with it.
 */

/** The types that an attribute's value can have. */
export const DATA_TYPES = ['text', 'fixedList', 'valueRange', 'decimal', 'integer', 'boolean', 'currency'] as const;
export type DataType = (typeof DATA_TYPES)[number];

/** How an attribute is declared. */
export type AttributeDefinition =
  | { readonly dataType: 'text' | 'decimal' | 'integer' | 'boolean' | 'currency' }
  | { readonly dataType: 'fixedList'; readonly values: readonly string[] }
  /** A number, its limits included. */
  | { readonly dataType: 'valueRange'; readonly min: number; readonly max: number };

/** The declared attributes, by name. */
const ATTRIBUTES: Readonly<Record<string, AttributeDefinition>> = {
  preferredContactTime: { dataType: 'fixedList', values: ['Morning', 'Afternoon', 'Evening'] },
  satisfactionScore: { dataType: 'valueRange', min: 0, max: 10 },
};

/** The declaration of an attribute; undefined when there is none. */
export function findAttribute(name: string): AttributeDefinition | undefined {
  return Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
}

const DECIMAL = /^[+-]?\d{1,30}(?:\.\d{1,30})?$/;
const INTEGER = /^[+-]?\d{1,30}$/;
const AMOUNT = /^(?:([A-Z]{3}) )?[+-]?\d{1,30}(?:\.\d{1,30})?(?: ([A-Z]{3}))?$/;
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

/**
 * What is wrong with an attribute, as the rest of a sentence that begins with the name of the column; undefined when
 * nothing is. Values are text, as in the table of attributes; no value is fine for every type. Pure.
 */
export function attributeProblem(
  dataType: string,
  value: string | undefined,
  definition: AttributeDefinition | undefined,
): { readonly column: 'dataType' | 'value'; readonly problem: string } | undefined {
  if (!isDataType(dataType)) return { column: 'dataType', problem: `must be one of ${DATA_TYPES.join(', ')}` };
  if (definition && definition.dataType !== dataType) {
    return { column: 'dataType', problem: `must be ${definition.dataType}, as the attribute is declared` };
  }
  const problem = value === undefined ? undefined : valueProblem(dataType, value, definition);
  return problem === undefined ? undefined : { column: 'value', problem };
}

/** The form of the values of each type; what a declaration adds comes after. */
const FORMS: Readonly<Record<DataType, { readonly fits: (value: string) => boolean; readonly problem: string }>> = {
  text: { fits: () => true, problem: '' },
  fixedList: { fits: () => true, problem: '' },
  valueRange: { fits: (value) => DECIMAL.test(value), problem: 'must be a number' },
  decimal: { fits: (value) => DECIMAL.test(value), problem: 'must be a decimal number such as 12.50' },
  integer: { fits: (value) => INTEGER.test(value), problem: 'must be a whole number' },
  boolean: { fits: (value) => value === 'true' || value === 'false', problem: 'must be true or false' },
  currency: { fits: isAmount, problem: 'must be an amount such as 12.50 or 12.50 EUR, or an ISO 4217 currency code' },
};

function valueProblem(dataType: DataType, value: string, definition: AttributeDefinition | undefined) {
  const { fits, problem } = FORMS[dataType];
  if (!fits(value)) return problem;
  if (definition?.dataType === 'fixedList' && !definition.values.includes(value)) {
    return `must be one of ${definition.values.join(', ')}`;
  }
  if (definition?.dataType !== 'valueRange') return undefined;
  const { min, max } = definition;
  return Number(value) >= min && Number(value) <= max ? undefined : `must be from ${min} to ${max}`;
}

function isAmount(value: string): boolean {
  if (CURRENCIES.has(value)) return true;
  const match = AMOUNT.exec(value);
  if (!match) return false;
  const codes = [match[1], match[2]].filter((code) => code !== undefined);
  return codes.length < 2 && codes.every((code) => CURRENCIES.has(code));
}

function isDataType(text: string): text is DataType {
  return (DATA_TYPES as readonly string[]).includes(text);
}
