import { IconCornerDownRight } from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import type { ProcessSummary } from '@/shared/api/types';

import { AnchorLink } from './anchor-link';
import table from './data-table.module.css';
import { Moment, Span } from './moment';
import { StatusBadge } from './status';

function trouble(row: ProcessSummary, t: TFunction<'processes'>): string {
  if (row.open_incidents > 0) return t('incidents', { count: row.open_incidents });
  return row.incidents_below !== undefined && row.incidents_below > 0 ? t('below', { count: row.incidents_below }) : '';
}

/** Processes as rows: customId first. */
export function ProcessTable({ rows, compact = false }: { rows: readonly ProcessSummary[]; compact?: boolean }) {
  const { t } = useTranslation('processes');
  return (
    <table className={compact ? `${table.table ?? ''} ${table.compact ?? ''}` : table.table}>
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
              {row.parent_id !== undefined && <IconCornerDownRight size={13} className={table.muted} role="img" aria-label={t('called')} style={{ marginLeft: 6, verticalAlign: -2 }} />}
            </td>
            <td>
              <StatusBadge state={row.state} />
            </td>
            <td className={table.clip} title={row.definition_title || row.definition}>
              {row.definition_title || row.definition} <span className={table.muted}>v{row.version}</span>
            </td>
            {!compact && (
              <td className={`${table.clip ?? ''} ${table.muted ?? ''}`} title={row.error_message}>
                {row.error_code ?? trouble(row, t)}
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
