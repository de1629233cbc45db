import type { Access } from '../../security/access.ts';
import { depthOf, type Principal, type PrivilegeAction } from '../../security/privileges.ts';
import type { RecordValue, StoredRecord } from '../record.ts';
import type { RecordTables } from '../record-tables.ts';
import { rightsOf } from './rights.ts';
import { effectiveMask } from './share-set.ts';
import { findManyShares, findShares } from './shares.ts';

type Guarded = Pick<RecordValue, 'table' | 'id' | 'ownerId'>;

/** Who may do what with records that lie in storage, the rights that shares give included. Shares are read only where they can matter. */
export interface RecordAccess {
  /**
   * Refuses what the principal may not do with the record, as `Access.requirePrivilege` does: not-found when it may not
   * read it, forbidden with the first action that it lacks.
   */
  requireOn(principal: Principal, actions: readonly PrivilegeAction[], record: Guarded): Promise<void>;
  /** Those of the records, all of one table, that the principal may read, in their order. */
  readable(principal: Principal, records: readonly StoredRecord[]): Promise<StoredRecord[]>;
}

/** Builds the checks over the stored shares. */
export function createRecordAccess(
  tables: RecordTables,
  { requirePrivilege }: Pick<Access, 'requirePrivilege'>,
): RecordAccess {
  return {
    async requireOn(principal, actions, record) {
      const { table, id, ownerId } = record;
      const needed: PrivilegeAction[] = ['Read', ...actions];
      const sharesMatter =
        ownerId !== principal.userId && needed.some((each) => depthOf(principal, table, each) === 'User');
      const sharedRights = sharesMatter
        ? rightsOf(effectiveMask((await findShares(tables, table, id)).set, principal.userId))
        : [];
      for (const action of actions) requirePrivilege(principal, action, table, { id, ownerId, sharedRights });
    },

    async readable(principal, records) {
      const table = records[0]?.value.table;
      const depth = table && depthOf(principal, table, 'Read');
      if (!table || !depth) return [];
      if (depth === 'Organization') return [...records];
      const others = records.filter(({ value }) => value.ownerId !== principal.userId);
      const shares = await findManyShares(
        tables,
        table,
        others.map(({ value }) => value.id),
      );
      return records.filter(({ value: { id, ownerId } }) => {
        if (ownerId === principal.userId) return true;
        const mask = effectiveMask(shares.get(id)?.set ?? new Map(), principal.userId);
        return rightsOf(mask).includes('Read');
      });
    },
  };
}
