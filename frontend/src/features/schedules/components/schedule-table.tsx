import { useTranslation } from 'react-i18next';

import type { Schedule } from '@/shared/api/types';
import { useMay } from '@/shared/session/me';
import { AnchorLink } from '@/shared/ui/anchor-link';
import table from '@/shared/ui/data-table.module.css';
import { Moment } from '@/shared/ui/moment';

import { FireState } from './fire-state';
import { RunButton } from './run-button';
import { ScheduleState } from './schedule-state';
import { When } from './when';

export function ScheduleTable({ rows }: { rows: readonly Schedule[] }) {
  const { t } = useTranslation('schedules');
  const may = useMay();
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th>{t('column.name')}</th>
          <th>{t('column.state')}</th>
          <th>{t('column.when')}</th>
          <th>{t('column.next')}</th>
          <th>{t('column.last')}</th>
          <th className={table.number}>{t('column.running')}</th>
          <th />
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <tr key={one.id} data-testid="schedule-row" data-state={one.state}>
            <td className={table.clip}>
              <AnchorLink to="/schedules/$scheduleId" params={{ scheduleId: one.id }} fw={600} size="sm" c="inherit" underline="hover">
                {one.name}
              </AnchorLink>
              <div className={table.muted}>
                {one.definition_title} {one.version === undefined ? '' : `v${one.version}`}
              </div>
            </td>
            <td>
              <ScheduleState state={one.state} />
            </td>
            <td className={table.nowrap}>
              <When schedule={one} />
            </td>
            <td className={table.nowrap}>
              <Moment at={one.next_at} />
            </td>
            <td className={table.nowrap}>
              {one.last === undefined ? (
                <span className={table.muted}>{t('never')}</span>
              ) : (
                <>
                  <FireState fire={one.last} />{' '}
                  <span className={table.muted}>
                    <Moment at={one.last.due_at} />
                  </span>
                </>
              )}
            </td>
            <td className={table.number}>{one.running}</td>
            <td className={table.number}>{may('process.start') && one.state !== 'retired' && <RunButton schedule={one} icon />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
