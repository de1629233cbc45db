import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parse } from '../../../shared/http/request-parts.ts';
import { TRANSLATIONS } from '../../../shared/messages/catalogue.ts';
import { EN } from '../../../shared/messages/en/index.ts';
import { languageOf } from '../../../shared/messages/languages.ts';
import { toJson } from '../../../shared/messages/localize.ts';
import { namesIn } from '../../../shared/messages/template.ts';

import { Problem } from '../../../shared/problem.ts';

const locked = () => new Problem('record-locked', { table: 'order', id: 'a', jobId: 'j' });

function refusalOf(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error('nothing was refused');
}

describe('E13 titles and explanations in four languages', () => {
  it('the catalogue has stable codes in kebab case, and no braces but those of names', () => {
    for (const [code, { text }] of Object.entries(EN)) {
      expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
      const rest = namesIn(text).reduce((left, name) => left.replaceAll(`{${name}}`, ''), text);
      expect(rest, code).not.toMatch(/[{}]/);
    }
  });

  it.each(Object.entries(TRANSLATIONS))(
    '%s has the params of English in every text, and nothing left in English',
    (_, { texts }) => {
      for (const [code, { text }] of Object.entries(EN)) {
        const said = texts[code as keyof typeof EN];
        expect(namesIn(said).sort(), code).toEqual(namesIn(text).sort());
        expect(said, code).not.toBe(text);
      }
      expect(Object.keys(texts).sort()).toEqual(Object.keys(EN).sort());
    },
  );

  it.each([
    ['sv', 'Posten a i order är låst av jobbet j. Försök igen när det är klart.'],
    ['ru', 'Запись a таблицы order заблокирована заданием j. Повторите после его завершения.'],
    ['zh-CN', 'order 的记录 a 已被作业 j 锁定。请在作业结束后重试。'],
  ] as const)(
    'a problem inside a list is told in %s, and one that was stored without a code as it was',
    (language, detail) => {
      const { code: _code, params: _params, ...older } = locked().toBody();
      const [line, old] = JSON.parse(toJson([{ problem: locked().toBody() }, { problem: older }], language));
      expect(line.problem).toMatchObject({ status: 423, detail, code: 'record-locked', params: { table: 'order' } });
      expect(line.problem.title).toBe(TRANSLATIONS[language].titles.locked);
      expect(old.problem).toEqual(older);
    },
  );

  it.each([
    ['en', 'body.name: Invalid input: expected string, received number'],
    ['sv', 'body.name: Ogiltig inmatning: förväntat string, fick antal'],
  ] as const)('what is wrong in a form is told in %s, place by place', (language, line) => {
    const form = z.strictObject({ name: z.string(), kind: z.string().regex(/^x/, 'begins with x') });
    const refusal = refusalOf(() => parse(form, { name: 1, kind: 'y' }, 'body'));
    const told = JSON.parse(toJson(refusal.toBody(), language));
    expect(told.detail).toContain(line);
    expect(told.errors).toEqual([
      { at: 'body.name', problem: line.replace('body.name: ', '') },
      { at: 'body.kind', problem: 'begins with x' },
    ]);
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
