import { type Column, choice, currency, email, language, moment, number, text, yesNo } from './columns.ts';

/**
 * The logical tables. A new one is declared here, and is served, searched and cascaded like the others once a
 * relationship (relationships.ts) or nobody leads to it; no other code names it.
 */
const TABLES = {
  account: {
    name: text({ required: true, searched: true }),
    accountNumber: text({ searched: true, unique: true }),
    type: choice(['Person', 'Organization']),
    title: text(),
    email: email({ searched: true }),
    phone: text(),
    group: text(),
    currency: currency(),
    language: language(),
    receiptPreference: text(),
    masterId: text({ readOnly: true }),
  },
  contact: {
    fullName: text({ required: true, searched: true }),
    email: email({ searched: true }),
    phone: text(),
    masterId: text({ readOnly: true }),
  },
  address: {
    street: text({ required: true }),
    city: text(),
    zip: text(),
    country: text(),
    purpose: text(),
    isPrimary: yesNo(),
  },
  affiliation: { affiliationId: text({ required: true }) },
  attribute: { name: text({ required: true, searched: true }), dataType: text({ required: true }), value: text() },
  contactInfo: {
    kind: choice(['Email', 'Phone'], { required: true }),
    value: text({ required: true }),
    isPrimary: yesNo(),
    marketingConsent: yesNo(),
  },
  order: {
    orderNumber: text({ required: true, searched: true }),
    amount: number(),
    currency: currency(),
    status: text(),
  },
  orderline: { item: text({ required: true }), quantity: number(), price: number() },
  case: { title: text({ required: true, searched: true }), priority: text(), masterId: text({ readOnly: true }) },
  activity: { subject: text({ required: true, searched: true }), kind: text(), dueOn: moment() },
  quote: { quoteNumber: text({ required: true, searched: true }), amount: number() },
} as const satisfies Record<string, Record<string, Column>>;

/** The tables that records are in. */
export type TableName = keyof typeof TABLES;

/** All tables, in the order of the catalogue. */
export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/** Whether there is such a table. */
export function isTableName(name: string): name is TableName {
  return Object.hasOwn(TABLES, name);
}

/** The column whose value finds a record as its id does, if the table has one. */
export function uniqueColumnOf(table: TableName): string | undefined {
  return Object.entries(columnsOf(table)).find(([, column]) => column.unique)?.[0];
}

/** The columns of a table by name, without the ones that every record has. */
export function columnsOf(table: TableName): Readonly<Record<string, Column>> {
  return TABLES[table];
}
