import Negotiator from 'negotiator';

/** The languages of titles and explanations; the first is taken where nothing else fits. */
const LANGUAGES = ['en', 'zh-CN', 'ru', 'sv'] as const;

/** A language of titles and explanations. */
export type Language = (typeof LANGUAGES)[number];

/** The language that an Accept-Language header (RFC 9110) asks for before the others: any Chinese is answered with zh-CN. */
export function languageOf(acceptLanguage: string | null): Language {
  if (acceptLanguage === null) return 'en';
  const negotiator = new Negotiator({ headers: { 'accept-language': acceptLanguage } });
  const asked = negotiator.language([...LANGUAGES, 'zh']);
  if (asked === 'zh') return 'zh-CN';
  return LANGUAGES.find((each) => each === asked) ?? 'en';
}
