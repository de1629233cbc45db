import i18next, { type BackendModule, type ReadCallback } from 'i18next';
import { initReactI18next } from 'react-i18next';

/** The languages of the page, each named in itself. */
export const LANGUAGES = { en: 'English', 'zh-CN': '简体中文', ru: 'Русский', sv: 'Svenska' } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = 'spillway.language';

const files = import.meta.glob<{ texts: Record<string, unknown> }>('./texts/*/*.ts');

/** Loads the texts of one area in one language when a screen asks for them. */
const backend: BackendModule = {
  type: 'backend',
  init: () => {},
  read(language: string, area: string, done) {
    void deliver(language, area, done);
  },
};

async function deliver(language: string, area: string, done: ReadCallback): Promise<void> {
  let texts: Record<string, unknown>;
  try {
    texts = await textsOf(language, area);
  } catch (error) {
    done(error as Error, false);
    return;
  }
  done(null, texts);
}

async function textsOf(language: string, area: string): Promise<Record<string, unknown>> {
  const load = files[`./texts/${language}/${area}.ts`];
  if (!load) throw new Error(`There are no texts "${area}" in ${language}.`);
  return (await load()).texts;
}

export function isLanguage(name: string | null): name is Language {
  return name !== null && Object.hasOwn(LANGUAGES, name);
}

/** The language that the address names (`?lang=sv`), else the one chosen before, else the browser's. */
function firstLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang');
  const kept = localStorage.getItem(KEY);
  if (isLanguage(asked)) return asked;
  if (isLanguage(kept)) return kept;
  const spoken = navigator.languages.map((each) => each.split('-')[0]);
  const names = Object.keys(LANGUAGES) as Language[];
  const wanted = spoken.flatMap((each) => names.filter((name) => name.split('-')[0] === each));
  return wanted[0] ?? 'en';
}

/** Makes texts ready before the first thing is shown. */
export async function startTexts(): Promise<void> {
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: firstLanguage(),
      fallbackLng: false,
      ns: ['shell'],
      defaultNS: 'shell',
      interpolation: { escapeValue: false },
    });
  tellDocument();
}

/** Changes the language and keeps the choice; the address follows where it names one. */
export async function changeLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEY, language);
  await i18next.changeLanguage(language);
  tellDocument();
}

function tellDocument(): void {
  document.documentElement.lang = i18next.language;
}
