import { MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import type { previewSchema } from '../../../functions/cascades/preview-body.ts';
import { useFormat } from './format.ts';
import { useTableName } from './record-name.ts';

/** What a cascade would come to, as the host tells it. */
export type Preview = z.infer<typeof previewSchema> & { readonly access?: readonly AccessChange[] };

/** Who gains and loses what on how many records. */
interface AccessChange {
  readonly principal: string;
  readonly gains: readonly string[];
  readonly loses: readonly string[];
  readonly records: number;
}

/** Whether something forbids the cascade. */
export const isForbidden = ({ blockers, missingPrivileges }: Preview) =>
  blockers.length > 0 || missingPrivileges.length > 0;

/** What a cascade would come to: how many records, how, and what forbids it. */
export function PreviewView({ preview }: { readonly preview: Preview }) {
  const { t } = useTranslation('preview');
  const { number, list } = useFormat();
  const tableName = useTableName();
  const { total, byTable, mode, complete, inactive, blockers, missingPrivileges } = preview;
  const tables = Object.entries(byTable).map(([table, count]) => `${tableName(table)} ${number(count)}`);
  return (
    <div role="status">
      <p>{t('total', { count: total, tables: list(tables) })}</p>
      <p>{t(`mode.${mode}`)}</p>
      {inactive > 0 && <p>{t('inactive', { count: inactive })}</p>}
      {!complete && <p>{t('incomplete')}</p>}
      {[
        ...blockers.map(({ relationship, count }) => t('blocker', { relationship, count })),
        ...missingPrivileges.map(({ privilege, table, user }) =>
          t('missing', { privilege, table, user: user ?? t('you') }),
        ),
      ].map((text) => (
        <MessageBar key={text} intent="error" className="message" layout="multiline">
          <MessageBarBody>{text}</MessageBarBody>
        </MessageBar>
      ))}
      <Gains access={preview.access ?? []} />
    </div>
  );
}

function Gains({ access }: { readonly access: readonly AccessChange[] }) {
  const { t } = useTranslation('preview');
  const { list } = useFormat();
  if (access.length === 0) return null;
  return (
    <>
      <p>{t('access.title')}</p>
      <ul>
        {access.map(({ principal, gains, loses, records }) => (
          <li key={principal}>
            <strong>{principal}</strong> ({t('access.records', { count: records })})
            {gains.length > 0 && (
              <div>{t('access.gains', { rights: list(gains.map((right) => t(`right.${right}`))) })}</div>
            )}
            {loses.length > 0 && (
              <div>{t('access.loses', { rights: list(loses.map((right) => t(`right.${right}`))) })}</div>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
