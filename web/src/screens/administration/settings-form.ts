/** Settings as fields of a form: each leaf of the tree by its path, `retry/maxAttempts`. Pure. */

export type SettingValue = string | number | boolean | readonly string[];
export type SettingsTree = { readonly [name: string]: SettingValue | SettingsTree };

/** One field: its path, and the setting's present value. */
export interface SettingField {
  readonly path: string;
  readonly value: SettingValue;
}

/** A group of fields: the settings at the top (name undefined), then each nested group. */
export interface SettingGroup {
  readonly name: string | undefined;
  readonly fields: readonly SettingField[];
}

const isTree = (value: SettingValue | SettingsTree): value is SettingsTree =>
  typeof value === 'object' && !Array.isArray(value);

/** The groups of settings in their order. The webhook's secret is never told: its field is empty. */
export function groupsOf({ webhook, ...rest }: SettingsTree): readonly SettingGroup[] {
  const { hasSecret: _hasSecret, ...told } = webhook !== undefined && isTree(webhook) ? webhook : {};
  const settings: SettingsTree = { ...rest, webhook: { ...told, secret: '' } };
  const top = Object.entries(settings).flatMap(([path, value]) => (isTree(value) ? [] : [{ path, value }]));
  const nested = Object.entries(settings).flatMap(([name, tree]) =>
    isTree(tree) ? [{ name, fields: fieldsOf(name, tree) }] : [],
  );
  return [{ name: undefined, fields: top }, ...nested];
}

function fieldsOf(name: string, tree: SettingsTree): SettingField[] {
  return Object.entries(tree).flatMap(([leaf, value]) => (isTree(value) ? [] : [{ path: `${name}/${leaf}`, value }]));
}

/** What was typed or switched, by the field's path. */
export type TypedSettings = Readonly<Record<string, string | boolean>>;

/** The merge-patch that what was typed comes to. A number that can't be read stays a text, which the host refuses. */
export function patchOf(groups: readonly SettingGroup[], typed: TypedSettings): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const { name, fields } of groups) {
    const changed = fields.flatMap(({ path, value }) => {
      const input = typed[path];
      return input === undefined ? [] : [[path.split('/').at(-1) ?? path, readSetting(input, value)] as const];
    });
    if (changed.length === 0) continue;
    if (name === undefined) Object.assign(patch, Object.fromEntries(changed));
    else patch[name] = Object.fromEntries(changed);
  }
  return patch;
}

/** A value as its field shows it: lists one item a line. */
export function asInput(value: SettingValue): string | boolean {
  if (typeof value === 'boolean') return value;
  return typeof value === 'object' ? value.join('\n') : String(value);
}

function readSetting(input: string | boolean, before: SettingValue): SettingValue {
  if (typeof input === 'boolean') return input;
  if (typeof before === 'number') return input.trim() === '' || Number.isNaN(Number(input)) ? input : Number(input);
  if (typeof before !== 'object') return input;
  const lines = input.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '');
}
