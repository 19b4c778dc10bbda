import { useTranslation } from 'react-i18next';

import type { Permit } from '@/shared/api/types';

/** Why an action is not possible now, in the user's language; a code that is not known is shown as it is. */
export function usePermitReason(): (permit: Permit) => string {
  const { t, i18n } = useTranslation('process');
  return ({ reason }) => {
    if (reason === undefined) return '';
    const key = `permit.${reason.replaceAll('.', '_')}`;
    return i18n.exists(`process:${key}`) ? t(key) : reason;
  };
}
