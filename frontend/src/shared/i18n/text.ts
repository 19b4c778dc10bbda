import { useTranslation } from 'react-i18next';

/** A text in both languages, as node types carry it. */
export interface Text {
  en: string;
  ru: string;
}

/** Picks the text in the user's language, or the other when it is missing. */
export function pickText(text: Text | undefined, language: string): string {
  if (!text) return '';
  return (language === 'ru' ? text.ru || text.en : text.en || text.ru) || '';
}

export function usePickText(): (text: Text | undefined) => string {
  const { i18n } = useTranslation();
  return (text) => pickText(text, i18n.language);
}
