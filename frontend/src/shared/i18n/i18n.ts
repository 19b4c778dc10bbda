// Texts in Russian and English. Only the catalog of the language in use is loaded.
import 'dayjs/locale/ru';

import dayjs from 'dayjs';
import relativeTime from 'dayjs/plugin/relativeTime';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

import type { Catalog } from './namespaces';

export const languages = ['en', 'ru'] as const;
export type Language = (typeof languages)[number];

const storageKey = 'taskurotta-language';
const loaders: Record<Language, () => Promise<{ default: Catalog }>> = {
  en: () => import('./en'),
  ru: () => import('./ru'),
};

dayjs.extend(relativeTime);

export function isLanguage(value: string | null | undefined): value is Language {
  return value === 'en' || value === 'ru';
}

/** The chosen language, else the browser's, else English. */
export function preferredLanguage(): Language {
  const stored = localStorage.getItem(storageKey);
  if (isLanguage(stored)) return stored;
  return navigator.language.toLowerCase().startsWith('ru') ? 'ru' : 'en';
}

export function languageWasChosen(): boolean {
  return isLanguage(localStorage.getItem(storageKey));
}

async function load(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, 'common')) return;
  const { default: catalog } = await loaders[language]();
  for (const [namespace, texts] of Object.entries(catalog)) i18next.addResourceBundle(language, namespace, texts);
}

export async function startI18n(language: Language = preferredLanguage()): Promise<void> {
  await startTexts(language);
  document.documentElement.lang = language;
}

/** Only the texts and dates, where there is no page. */
export async function startTexts(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    defaultNS: 'common',
    resources: {},
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
    returnNull: false,
  });
  await load(language);
  dayjs.locale(language);
  await i18next.changeLanguage(language);
}

export async function changeLanguage(language: Language): Promise<void> {
  await load(language);
  localStorage.setItem(storageKey, language);
  document.documentElement.lang = language;
  dayjs.locale(language);
  await i18next.changeLanguage(language);
}

/** The language in use, for choosing between the texts of a node type. */
export function currentLanguage(): Language {
  return isLanguage(i18next.language) ? i18next.language : 'en';
}
