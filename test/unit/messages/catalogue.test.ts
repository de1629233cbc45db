import { describe, expect, it } from 'vitest';
import { EN } from '../../../shared/messages/en/index.ts';
import { languageOf } from '../../../shared/messages/languages.ts';
import { namesIn } from '../../../shared/messages/template.ts';

describe('E13 titles and explanations in four languages', () => {
  it('the catalogue has stable codes in kebab case, and no braces but those of names', () => {
    for (const [code, { text }] of Object.entries(EN)) {
      expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
      const rest = namesIn(text).reduce((left, name) => left.replaceAll(`{${name}}`, ''), text);
      expect(rest, code).not.toMatch(/[{}]/);
    }
  });

  it.each([
    [null, 'en'],
    ['*', 'en'],
    ['de', 'en'],
    ['zh', 'zh-CN'],
    ['zh-TW,en;q=0.9', 'zh-CN'],
    ['zh-CN', 'zh-CN'],
    ['ru-RU,ru;q=0.9,en;q=0.8', 'ru'],
    ['en;q=0.5, sv;q=0.8', 'sv'],
    ['sv;q=0, ru;q=0.1', 'ru'],
    ['no sense;;q', 'en'],
  ])('Accept-Language %s is answered with %s', (header, language) => {
    expect(languageOf(header)).toBe(language);
  });
});
