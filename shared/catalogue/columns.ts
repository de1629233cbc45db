import { z } from 'zod';

/** A value of a record's column. */
export type ColumnValue = string | number | boolean;

/** A column as declared: how its values are checked, and what it is used for. */
export interface Column {
  readonly schema: z.ZodType<ColumnValue>;
  readonly required: boolean;
  /** Lists find a record by the beginnings of the words in it. */
  readonly searched: boolean;
  /** Set by the system alone; a caller that sends it is refused. */
  readonly readOnly: boolean;
  /** No two records of the table have the same value, and the value finds the record as its id does. */
  readonly unique: boolean;
}

type Traits = Partial<Pick<Column, 'required' | 'searched' | 'readOnly' | 'unique'>>;

const column = (schema: z.ZodType<ColumnValue>, traits: Traits): Column => ({
  schema,
  required: false,
  searched: false,
  readOnly: false,
  unique: false,
  ...traits,
});

/** Longest text of a column in UTF-16 units: what one property of a row holds. */
export const MAX_TEXT_LENGTH = 32_000;

/** Text without control characters, at most `MAX_TEXT_LENGTH` long. Required text must not be blank. */
export const text = (traits: Traits = {}): Column => {
  const any = z.string().max(MAX_TEXT_LENGTH).refine(isPlain, 'must not contain control characters');
  return column(traits.required ? any.refine((value) => value.trim() !== '', 'must not be blank') : any, traits);
};

/** A number. */
export const number = (traits: Traits = {}): Column => column(z.number(), traits);
/** True or false. */
export const yesNo = (traits: Traits = {}): Column => column(z.boolean(), traits);
/** One of some values. */
export const choice = (values: readonly [string, ...string[]], traits: Traits = {}): Column =>
  column(z.enum(values), traits);

/** An ISO 8601 date or time with a zone; what was sent is kept. */
export const moment = (traits: Traits = {}): Column =>
  column(z.union([z.iso.date(), z.iso.datetime({ offset: true })]), traits);

/** An e-mail address. */
export const email = (traits: Traits = {}): Column => column(z.email().max(320), traits);

/** An ISO 4217 currency code that is in use. */
export const currency = (traits: Traits = {}): Column =>
  column(
    z.string().refine((code) => CURRENCIES.has(code), 'is not an ISO 4217 currency code such as EUR'),
    traits,
  );

/** A BCP 47 language tag such as `de` or `zh-Hans-CN`. */
export const language = (traits: Traits = {}): Column =>
  column(z.string().max(35).refine(isLanguage, 'is not a BCP 47 language tag such as en-US'), traits);

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

/** Tab and line breaks are plain; other control characters are not. */
function isPlain(value: string): boolean {
  return Array.from(value).every(
    (character) => (character >= ' ' && character !== '\u007F') || '\t\r\n'.includes(character),
  );
}
