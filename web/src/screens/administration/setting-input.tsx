import { Field, Input, Switch, Textarea } from '@fluentui/react-components';
import { useTranslation } from 'react-i18next';
import { asInput, type SettingField } from './settings-form.ts';

export interface SettingInputProps {
  readonly field: SettingField;
  /** What was typed or switched; undefined: nothing yet. */
  readonly typed: string | boolean | undefined;
  readonly onChange: (input: string | boolean) => void;
}

const SECRET = 'webhook/secret';

/** The input of a setting, by the kind of its value. */
export function SettingInput({ field: { path, value }, typed, onChange }: SettingInputProps) {
  const { t } = useTranslation('administration');
  const label = t(`settings.label.${path}`);
  const input = typed ?? asInput(value);
  if (typeof input === 'boolean') {
    return <Switch label={label} checked={input} onChange={(_, { checked }) => onChange(checked)} />;
  }
  if (typeof value === 'object') {
    return (
      <Field label={label} hint={t('settings.list')}>
        <Textarea value={input} onChange={(_, data) => onChange(data.value)} />
      </Field>
    );
  }
  return (
    <Field label={label} {...(path === SECRET && { hint: t('settings.keepSecret') })}>
      <Input
        type={path === SECRET ? 'password' : 'text'}
        autoComplete="off"
        inputMode={typeof value === 'number' ? 'decimal' : 'text'}
        value={input}
        onChange={(_, data) => onChange(data.value)}
      />
    </Field>
  );
}
