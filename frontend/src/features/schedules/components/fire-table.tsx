import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import type { ScheduleFire } from '@/shared/api/types';
import { AnchorLink } from '@/shared/ui/anchor-link';
import table from '@/shared/ui/data-table.module.css';
import { EmptyState } from '@/shared/ui/faces';
import { Listed, LoadMore } from '@/shared/ui/listed';
import { Moment, Span } from '@/shared/ui/moment';
import { Card } from '@/shared/ui/page';

import { firesQuery } from '../api/schedules-api';
import { FireState, fireReason } from './fire-state';

/** What became of each time, newest first. */
export function FireTable({ id }: { id: string }) {
  const { t } = useTranslation('schedules');
  const fires = useInfiniteQuery(firesQuery(id));
  const rows = fires.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <Card flush title={t('history')}>
        <Listed
          list={fires}
          rows={5}
          empty={rows.length === 0}
          none={
            <EmptyState icon={IconHistory} title={t('no_history.title')}>
              {t('no_history.text')}
            </EmptyState>
          }
        >
          <table className={table.table}>
            <thead>
              <tr>
                <th>{t('column.due')}</th>
                <th>{t('column.what')}</th>
                <th>{t('column.process')}</th>
                <th>{t('column.why')}</th>
                <th className={table.number}>{t('column.took')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((fire) => (
                <FireRow key={fire.due_at} fire={fire} />
              ))}
            </tbody>
          </table>
        </Listed>
      </Card>
      <LoadMore list={fires} />
    </>
  );
}

function FireRow({ fire }: { fire: ScheduleFire }) {
  const { t } = useTranslation('schedules');
  const why = fireReason(fire, t);
  return (
    <tr data-testid="schedule-fire" data-state={fire.state} data-kind={fire.kind}>
      <td className={table.nowrap}>
        {fire.missed_from !== undefined && (fire.missed ?? 0) > 1 && (
          <>
            <Moment at={fire.missed_from} /> –{' '}
          </>
        )}
        <Moment at={fire.due_at} />
      </td>
      <td>
        <FireState fire={fire} />
      </td>
      <td className={table.nowrap}>
        {fire.process_id !== undefined && (
          <AnchorLink to="/processes/$processId" params={{ processId: fire.process_id }} size="sm">
            {t('open_process')}
          </AnchorLink>
        )}
      </td>
      <td className={`${table.clip ?? ''} ${table.muted ?? ''}`} title={why}>
        {why}
      </td>
      <td className={`${table.number ?? ''} ${table.muted ?? ''}`}>{fire.started_at === undefined ? '' : <Span from={fire.started_at} to={fire.ended_at} clock />}</td>
    </tr>
  );
}
