import type { Plugin } from './plugin.ts';

/**
 * The plug-ins that come with Spillway: the place to declare one. They are examples, off until an administrator takes them
 * out of the setting `disabledPlugins`.
 */
export const PLUGINS: readonly Plugin[] = [
  {
    name: 'order-lock-guard',
    description: 'Refuses to give an order with the status "Locked" to another owner.',
    table: 'order',
    action: 'assign',
    step: 'before',
    filter: { columns: { status: 'Locked' } },
    run({ record }) {
      const { orderNumber } = record.columns;
      throw new Error(`Order ${String(orderNumber)} is locked. Give it another status, then retry.`);
    },
  },
  {
    name: 'account-handover-note',
    description: 'Notes under an account of the group "Key accounts" who has handed it over to whom.',
    table: 'account',
    action: 'assign',
    step: 'after',
    filter: { columns: { group: 'Key accounts' } },
    async run({ record, before, by, work }) {
      await work.create('activity', {
        ownerId: record.ownerId,
        columns: { subject: `${by} handed over from ${before?.ownerId} to ${record.ownerId}`, kind: 'Note' },
        lookups: { account_activities: record.id },
      });
    },
  },
];
