import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import type { IncidentGroup } from '@/shared/api/types';
import { AnchorLink } from '@/shared/ui/anchor-link';
import table from '@/shared/ui/data-table.module.css';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { RelativeTime } from '@/shared/ui/moment';

import { groupQuery } from '../api/incidents-api';
import type { IncidentsSearch } from '../model/search';

/** Every incident of a group, newest first. */
export function GroupList({ search, group }: { search: IncidentsSearch; group: IncidentGroup }) {
  const { t } = useTranslation('incidents');
  const list = useInfiniteQuery(groupQuery(search, group));
  if (list.error) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <LoadingRows rows={3} height={26} />;
  return (
    <>
      <table className={table.table}>
        <tbody>
          {list.data.pages.flatMap((page) => page.items).map((incident) => (
            <tr key={incident.task_id} data-testid="incident-row">
              <td className={table.nowrap}>
                <AnchorLink to="/processes/$processId" params={{ processId: incident.process_id }} search={{ task: incident.task_id }} fw={600} size="sm" c="inherit">
                  {incident.custom_id || incident.process_id}
                </AnchorLink>
              </td>
              <td className={`${table.nowrap ?? ''} ${table.muted ?? ''}`}>v{incident.version}</td>
              <td className={table.clip} title={incident.message}>
                {incident.message}
              </td>
              <td className={`${table.nowrap ?? ''} ${table.muted ?? ''}`}>
                <RelativeTime at={incident.opened_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {list.hasNextPage && (
        <Button variant="subtle" size="compact-sm" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('common:action.load_more')}
        </Button>
      )}
    </>
  );
}
