import { IconServerOff } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import { useLiveClient } from '@/shared/live/live-provider';
import { EmptyState, ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Page } from '@/shared/ui/page';
import { PageHeader } from '@/shared/ui/page-header';

import { poolsQuery } from './api/workers-api';
import { PoolCard } from './components/pool-card';

/** Pools with their workers and node types; the websocket tells what changes. */
export function WorkersPage() {
  const { t } = useTranslation('workers');
  const client = useQueryClient();
  const live = useLiveClient();
  const pools = useQuery(poolsQuery);
  useEffect(() => {
    const handle = live.subscribe(
      () => ({ topic: 'workers' }),
      (message) => {
        if (message.type === 'pools') client.setQueryData(poolsQuery.queryKey, message.items);
      },
    );
    return () => {
      handle.close();
    };
  }, [live, client]);
  return (
    <>
      <PageHeader crumbs={[{ label: t('title') }]} />
      <Page>
        {pools.error ? (
          <ErrorState error={pools.error} onRetry={() => void pools.refetch()} />
        ) : pools.isPending ? (
          <LoadingRows rows={4} height={72} />
        ) : pools.data.length === 0 ? (
          <EmptyState icon={IconServerOff} title={t('empty.title')}>
            {t('empty.text')}
          </EmptyState>
        ) : (
          pools.data.map((pool) => <PoolCard key={pool.pool} pool={pool} />)
        )}
      </Page>
    </>
  );
}
