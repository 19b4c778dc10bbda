import { Button } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { AnchorLink } from '@/shared/ui/anchor-link';
import table from '@/shared/ui/data-table.module.css';
import { EmptyState, ErrorState, LoadingRows } from '@/shared/ui/faces';
import { RelativeTime } from '@/shared/ui/moment';
import { Card, Page } from '@/shared/ui/page';
import { PageHeader } from '@/shared/ui/page-header';

import { incidentsQuery } from './api/processes-api';

/** What waits for a person, newest first. */
export function IncidentsPage() {
  const { t } = useTranslation('processes');
  const incidents = useInfiniteQuery(incidentsQuery(undefined));
  const items = incidents.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader crumbs={[{ label: t('incidents_title') }]} />
      <Page>
        <Card flush>
          {incidents.error ? (
            <ErrorState error={incidents.error} onRetry={() => void incidents.refetch()} />
          ) : incidents.isPending ? (
            <LoadingRows rows={6} />
          ) : items.length === 0 ? (
            <EmptyState icon={IconCircleCheck} title={t('no_incidents.title')}>
              {t('no_incidents.text')}
            </EmptyState>
          ) : (
            <table className={table.table}>
              <thead>
                <tr>
                  <th>customId</th>
                  <th>{t('column.error')}</th>
                  <th>{t('column.message')}</th>
                  <th>{t('column.where')}</th>
                  <th>{t('column.opened')}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((incident) => (
                  <tr key={incident.task_id} data-testid="incident-row">
                    <td className={table.nowrap}>
                      <AnchorLink
                        to="/processes/$processId"
                        params={{ processId: incident.process_id }}
                        search={{ task: incident.task_id }}
                        fw={600}
                        size="sm"
                        c="inherit"
                      >
                        {incident.custom_id}
                      </AnchorLink>
                    </td>
                    <td className={table.nowrap}>
                      <AnchorLink
                        to="/processes"
                        search={{ definition: incident.definition, error_code: incident.code }}
                        size="sm"
                        c="red"
                      >
                        {incident.code}
                      </AnchorLink>
                    </td>
                    <td className={table.clip} title={incident.message}>
                      {incident.message}
                    </td>
                    <td className={table.nowrap}>
                      {incident.definition_title || incident.definition}{' '}
                      <span className={table.muted}>
                        v{incident.version} · {incident.node_id}
                      </span>
                    </td>
                    <td className={`${table.nowrap ?? ''} ${table.muted ?? ''}`}>
                      <RelativeTime at={incident.opened_at} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Card>
        {incidents.hasNextPage && (
          <Button
            variant="default"
            style={{ alignSelf: 'center' }}
            loading={incidents.isFetchingNextPage}
            onClick={() => void incidents.fetchNextPage()}
          >
            {t('common:action.load_more')}
          </Button>
        )}
      </Page>
    </>
  );
}
