import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_PATH } from '../../support/local-host.ts';
import { readText } from '../house/documents.ts';

const LANGUAGES = ['en', 'zh-CN', 'ru', 'sv'] as const;
type Texts = { readonly [name: string]: string | Texts };

const SOURCES = join(PROJECT_PATH, 'web', 'src');
const areasOf = (language: string) => readdirSync(join(SOURCES, 'texts', language)).toSorted();
const areas = areasOf('en');

async function textsOf(language: string, area: string): Promise<Map<string, string>> {
  const { texts } = (await import(join(SOURCES, 'texts', language, area))) as { texts: Texts };
  return new Map(entriesOf(texts));
}

function entriesOf(texts: Texts, before = ''): [string, string][] {
  return Object.entries(texts).flatMap(([name, value]) =>
    typeof value === 'string' ? [[before + name, value] as [string, string]] : entriesOf(value, `${before}${name}.`),
  );
}

const PLURAL = /_(zero|one|two|few|many|other)$/;
const withoutForms = (names: Iterable<string>) =>
  [...new Set([...names].map((name) => name.replace(PLURAL, '')))].sort();
const placesIn = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

const code = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !path.startsWith('texts'))
  .map((path) => readText(join('web', 'src', path)))
  .join('\n');

/** Whether the sources name a text, as a whole or by what its name begins or ends with around a part that is put in. */
function isUsed(name: string): boolean {
  if (new RegExp(`['":]${name.replaceAll('.', '\\.')}['"]`).test(code)) return true;
  const parts = name.split('.');
  return parts.some((_, at) => {
    const [before, after] = [parts.slice(0, at).join('.'), parts.slice(at + 1).join('.')];
    return code.includes(`\`${before}${before && '.'}\${`)
      ? after === '' || code.includes(`}.${after}\``)
      : after !== '' && code.includes(`}.${after}\``);
  });
}

describe('the texts of the page', () => {
  it('have the same areas in all languages', () => {
    for (const language of LANGUAGES) expect(areasOf(language), language).toEqual(areas);
  });

  it.each(areas)('of %s are in all languages, with the same places to fill in', async (area) => {
    const english = await textsOf('en', area);
    const placesOf = (texts: Map<string, string>) =>
      Object.fromEntries([...texts].map(([name, text]) => [name.replace(PLURAL, ''), placesIn(text)]));
    for (const language of LANGUAGES) {
      const texts = await textsOf(language, area);
      expect(withoutForms(texts.keys()), language).toEqual(withoutForms(english.keys()));
      expect(placesOf(texts), language).toEqual(placesOf(english));
      expect(
        [...texts].filter(([, text]) => text.trim() === ''),
        language,
      ).toEqual([]);
    }
  });

  it.each(areas)('of %s have each plural form of their language, and no other', async (area) => {
    for (const language of LANGUAGES) {
      const names = [...(await textsOf(language, area)).keys()];
      const counted = withoutForms(names.filter((name) => PLURAL.test(name)));
      const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
      for (const each of counted) {
        const own = names.filter((name) => PLURAL.test(name) && name.replace(PLURAL, '') === each);
        expect(own.map((name) => PLURAL.exec(name)?.[1]).sort(), `${language} ${each}`).toEqual(forms);
      }
    }
  });

  it.each(areas)('of %s are all used', async (area) => {
    const names = withoutForms((await textsOf('en', area)).keys());
    expect(names.filter((name) => !isUsed(name))).toEqual([]);
  });
});
