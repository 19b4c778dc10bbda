import { useTranslation } from 'react-i18next';

import type { Schedule } from '@/shared/api/types';
import { describeCron } from '@/shared/cron/cron';
import table from '@/shared/ui/data-table.module.css';

/** When a schedule comes: in words when it is a usual rule, else its five fields; and its zone. */
export function When({ schedule }: { schedule: Pick<Schedule, 'cron' | 'zone'> }) {
  const { t, i18n } = useTranslation('cron');
  const said = describeCron(schedule.cron, t, i18n.language);
  return (
    <span title={schedule.cron}>
      {said ?? <span className={table.mono}>{schedule.cron}</span>} <span className={table.muted}>{schedule.zone ?? 'UTC'}</span>
    </span>
  );
}
