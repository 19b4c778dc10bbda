import { useTranslation } from 'react-i18next';

import type { Why } from '@/shared/api/types';
import { formatMoment } from '@/shared/format/time';

const moment = /^\d{4}-\d{2}-\d{2}T/;

/** Why a task does not move, in one line of the user's language; the server's English where no text of ours fits. */
export function useWhyText(): (why: Why) => string {
  const { t, i18n } = useTranslation('process');
  return (why) => {
    const key = `why.${why.code.replaceAll('.', '_')}`;
    if (!i18n.exists(`process:${key}`)) return why.text_en ?? why.code;
    const params = Object.fromEntries(
      Object.entries(why.params ?? {}).map(([name, value]) => [
        name,
        typeof value === 'string' && moment.test(value) ? formatMoment(value, i18n.language) : value,
      ]),
    );
    return t(key, params);
  };
}
