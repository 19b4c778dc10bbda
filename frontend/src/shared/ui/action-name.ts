import { useTranslation } from 'react-i18next';

/** An audited action in the user's language ("process.retry"); a code that is not known is shown as it is. */
export function useActionName(): (action: string) => string {
  const { t, i18n } = useTranslation('audit');
  return (action) => {
    const key = `action.${action.replaceAll('.', '_')}`;
    return i18n.exists(`audit:${key}`) ? t(key) : action;
  };
}
