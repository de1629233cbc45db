import { Select } from '@fluentui/react-components';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TABLE_NAMES } from '../../../../shared/catalogue/tables.ts';
import { DEPTHS, EVERY_TABLE, PRIVILEGE_ACTIONS } from '../../../../shared/security/privileges.ts';
import { depthOf, withDepth } from './grants.ts';
import type { Grant } from './users.ts';

export interface RoleMatrixProps {
  readonly grants: readonly Grant[];
  /** Whether it may only be looked at. */
  readonly isFixed: boolean;
  readonly onChange: (grants: readonly Grant[]) => void;
}

/** What a role grants: for one table at a time, how far each action reaches. */
export function RoleMatrix({ grants, isFixed, onChange }: RoleMatrixProps) {
  const { t } = useTranslation('administration');
  const [table, setTable] = useState<string>(grants[0]?.table ?? EVERY_TABLE);
  const nameOf = (each: string) => (each === EVERY_TABLE ? t('users.everyTable') : each);
  return (
    <>
      <Select aria-label={t('users.table')} value={table} onChange={(_, { value }) => setTable(value)}>
        {[EVERY_TABLE, ...TABLE_NAMES].map((each) => (
          <option key={each} value={each}>
            {nameOf(each)}
          </option>
        ))}
      </Select>
      <table className="plain">
        <tbody>
          {PRIVILEGE_ACTIONS.map((action) => (
            <tr key={action}>
              <th scope="row">{t(`users.privilege.${action}`)}</th>
              <td>
                <Select
                  aria-label={t('users.privilegeOf', { action: t(`users.privilege.${action}`), table: nameOf(table) })}
                  disabled={isFixed}
                  value={depthOf(grants, table, action)}
                  onChange={(_, { value }) =>
                    onChange(withDepth(grants, table, action, DEPTHS.find((each) => each === value) ?? 'none'))
                  }
                >
                  {['none', ...DEPTHS].map((depth) => (
                    <option key={depth} value={depth}>
                      {t(`users.depth.${depth}`)}
                    </option>
                  ))}
                </Select>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
