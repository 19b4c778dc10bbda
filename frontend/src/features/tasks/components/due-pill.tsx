import { IconClock } from '@tabler/icons-react';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';

import { formatDateTime } from '@/shared/format/time';
import { Pill } from '@/shared/ui/pill';
import { useNow } from '@/shared/ui/use-now';

import { deadlineTone } from '../model/deadline';

/** Until when a task is to be done, and how near that is. */
export function DuePill({ due }: { due: string }) {
  const { t, i18n } = useTranslation('tasks');
  const now = useNow(true, 20_000);
  const tone = deadlineTone(due, now);
  const when = dayjs(due).locale(i18n.language).fromNow();
  return (
    <Pill tone={tone} icon={<IconClock size={13} stroke={1.8} />} title={formatDateTime(due, i18n.language)}>
      {t(tone === 'bad' ? 'overdue' : 'due', { when })}
    </Pill>
  );
}
