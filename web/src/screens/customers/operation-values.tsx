import { Field, Input } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { asText } from './edited-values.ts';
import type { Operation } from './operations.ts';

export interface OperationValuesProps {
  readonly operation: Operation;
  /** What was typed so far, by attribute. */
  readonly typed: Readonly<Record<string, string>>;
  readonly onType: (name: string, text: string) => void;
}

/** Old and new value of each attribute; new ones in fields as long as headquarters hasn't applied them. */
export function OperationValues({ operation: { attributes, original, status }, typed, onType }: OperationValuesProps) {
  const { t } = useTranslation('customers');
  return (
    <table className="plain values">
      <thead>
        <tr>
          <th scope="col">{t('detail.attribute')}</th>
          <th scope="col">{t('detail.old')}</th>
          <th scope="col">{t('detail.new')}</th>
        </tr>
      </thead>
      <tbody>
        {attributes.map(({ name, old, new: value }) => {
          const sent = original?.find((each) => each.name === name);
          const hint = sent && sent.value !== value ? t('detail.sent', { value: asText(sent.value) }) : undefined;
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{asText(old)}</td>
              <td>
                {status === 'Completed' || status === 'Discarded' ? (
                  asText(value)
                ) : (
                  <Field {...(hint !== undefined && { hint })}>
                    <Input
                      aria-label={t('detail.newOf', { name })}
                      value={typed[name] ?? asText(value)}
                      onChange={(_, data) => onType(name, data.value)}
                    />
                  </Field>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
