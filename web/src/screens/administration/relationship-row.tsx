import { Button, Select } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/call.ts';
import type { ListPage } from '../../api/shapes.ts';
import { ErrorView } from '../../parts/error-view.tsx';
import { CleanupOffer } from './cleanup-offer.tsx';
import {
  ACTIONS,
  CHOICES,
  type ChangedRelationship,
  RELATIONSHIPS_PATH,
  type Relationship,
  TYPES,
} from './relationships.ts';

type Behaviors = Relationship['behaviors'];
/** What is to be saved: single behaviours, or all those of a preset. */
type Change = { readonly behaviors: Partial<Behaviors> } | { readonly preset: Relationship['type'] };

/** One relationship: its preset, its behaviours, and Save once one of them is another. */
export function RelationshipRow({ relationship }: { readonly relationship: Relationship }) {
  const { t } = useTranslation('administration');
  const client = useQueryClient();
  const { name, type, behaviors, version } = relationship;
  const [change, setChange] = useState<Change>();
  const [saved, setSaved] = useState<ChangedRelationship>();
  const save = useMutation({
    mutationFn: (body: Change) =>
      call<ChangedRelationship>(`${RELATIONSHIPS_PATH}/${name}`, { method: 'PUT', body, ifMatch: version }),
    onSuccess: ({ cleanup, ...answer }) => {
      setSaved({ ...answer, ...(cleanup && { cleanup }) });
      setChange(undefined);
      client.setQueryData<ListPage<Relationship>>(
        [RELATIONSHIPS_PATH],
        (list) => list && { ...list, items: list.items.map((each) => (each.name === name ? answer : each)) },
      );
    },
    onError: () => client.invalidateQueries({ queryKey: [RELATIONSHIPS_PATH] }),
  });
  const single = change && 'behaviors' in change ? change.behaviors : {};
  const preset = change && 'preset' in change ? change.preset : undefined;
  const choose = (action: (typeof ACTIONS)[number], behavior: string) => {
    const chosen = CHOICES[action].find((each) => each === behavior);
    if (chosen) setChange({ behaviors: { ...single, [action]: chosen } });
  };
  return (
    <>
      <tr>
        <th scope="row">{name}</th>
        <td>
          <Select
            aria-label={t('relationships.presetOf', { name })}
            value={preset ?? ('behaviors' in (change ?? {}) ? 'Custom' : type)}
            onChange={(_, { value }) => {
              const chosen = TYPES.find((each) => each === value);
              if (chosen && chosen !== 'Custom') setChange({ preset: chosen });
            }}
          >
            {TYPES.map((each) => (
              <option key={each} value={each} disabled={each === 'Custom'}>
                {t(`relationships.type.${each}`)}
              </option>
            ))}
          </Select>
        </td>
        {ACTIONS.map((action) => (
          <td key={action}>
            <Select
              aria-label={t('relationships.behaviorOf', { action: t(`relationships.action.${action}`), name })}
              value={single[action] ?? behaviors[action]}
              disabled={preset !== undefined}
              onChange={(_, { value }) => choose(action, value)}
            >
              {CHOICES[action].map((each) => (
                <option key={each} value={each}>
                  {t(`relationships.behavior.${each}`)}
                </option>
              ))}
            </Select>
          </td>
        ))}
      </tr>
      {(change || save.error || saved?.cleanup) && (
        <tr>
          <td colSpan={ACTIONS.length + 2}>
            {save.error && <ErrorView error={save.error} />}
            {change && (
              <div className="actions">
                <Button
                  appearance="primary"
                  aria-label={t('relationships.saveOf', { name })}
                  disabled={save.isPending}
                  onClick={() => save.mutate(change)}
                >
                  {t('save')}
                </Button>
                <Button aria-label={t('relationships.undoOf', { name })} onClick={() => setChange(undefined)}>
                  {t('undo')}
                </Button>
              </div>
            )}
            {saved?.cleanup && <CleanupOffer cleanup={saved.cleanup} />}
          </td>
        </tr>
      )}
    </>
  );
}
