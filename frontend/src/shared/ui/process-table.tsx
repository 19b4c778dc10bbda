import { useTranslation } from 'react-i18next';

import type { ProcessSummary } from '@/shared/api/types';

import { AnchorLink } from './anchor-link';
import table from './data-table.module.css';
import { Moment, Span } from './moment';
import { StatusBadge } from './status';

/** Processes as rows: customId first. */
export function ProcessTable({ rows, compact = false }: { rows: readonly ProcessSummary[]; compact?: boolean }) {
  const { t } = useTranslation('processes');
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th>customId</th>
          <th>{t('column.state')}</th>
          <th>{t('column.definition')}</th>
          {!compact && <th>{t('column.error')}</th>}
          <th>{t('column.started')}</th>
          <th className={table.number}>{t('column.duration')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} data-testid="process-row" data-state={row.state}>
            <td className={table.clip}>
              <AnchorLink to="/processes/$processId" params={{ processId: row.id }} fw={600} size="sm" c="inherit" underline="hover">
                {row.custom_id}
              </AnchorLink>
            </td>
            <td>
              <StatusBadge state={row.state} />
            </td>
            <td className={table.clip}>
              {row.definition_title || row.definition} <span className={table.muted}>v{row.version}</span>
            </td>
            {!compact && (
              <td className={`${table.clip ?? ''} ${table.muted ?? ''}`} title={row.error_message}>
                {row.error_code ?? (row.open_incidents > 0 ? t('incidents', { count: row.open_incidents }) : '')}
              </td>
            )}
            <td className={`${table.nowrap ?? ''} ${table.muted ?? ''}`}>
              <Moment at={row.started_at ?? row.scheduled_at ?? row.created_at} />
            </td>
            <td className={`${table.number ?? ''} ${table.muted ?? ''}`}>
              <Span from={row.started_at} to={row.ended_at} clock />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
