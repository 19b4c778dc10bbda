import { Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { ScheduleFire } from '@/shared/api/types';
import { Pill } from '@/shared/ui/pill';
import { lookOf } from '@/shared/ui/states';

/** What the pill of a fire looks like: that of the state a process or task would have. */
const lookLike: Partial<Record<ScheduleFire['state'], string>> = { due: 'queued', waiting: 'waiting', refused: 'failed' };

export function FireState({ fire }: { fire: ScheduleFire }) {
  const { t } = useTranslation('schedules');
  const look = lookOf(lookLike[fire.state] ?? fire.state);
  const Icon = look.icon;
  const why = fireReason(fire, t);
  return (
    <Tooltip label={why} disabled={why === ''} multiline maw={420}>
      <Pill tone={look.tone} icon={<Icon size={13} stroke={2.2} aria-hidden />} data-state={fire.state}>
        {t(`fire.${fire.state}`)}
        {(fire.missed ?? 0) > 1 && ` × ${fire.missed}`}
      </Pill>
    </Tooltip>
  );
}

type Translate = (key: string, params?: Record<string, unknown>) => string;

/** Why there is no process, or what is particular about it. */
export function fireReason(fire: ScheduleFire, t: Translate): string {
  if (fire.state === 'refused') return fire.message ?? fire.reason ?? '';
  if (fire.reason !== undefined) return t(`reason.${fire.reason}`, { defaultValue: fire.message ?? fire.reason });
  if (fire.kind === 'manual') return t('by_hand', { who: fire.actor ?? '' });
  return fire.caught_up ? t('caught_up') : '';
}
