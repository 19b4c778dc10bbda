import { ActionIcon, Button, Group, Stack, Text } from '@mantine/core';
import { IconBellCheck, IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { AlertItem, AlertNotice, AlertOccurrence } from '@/shared/api/types';
import { AnchorLink } from '@/shared/ui/anchor-link';
import table from '@/shared/ui/data-table.module.css';
import { EmptyState, ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Moment, RelativeTime, Span } from '@/shared/ui/moment';
import { Card } from '@/shared/ui/page';
import { Pill } from '@/shared/ui/pill';
import { Tabs } from '@/shared/ui/tabs';

import { alertsQuery, type AlertState } from '../api/alerts-api';
import { DeliveryList } from './delivery-list';

interface HistoryCardProps {
  state: AlertState;
  onState: (state: AlertState) => void;
}

/** What is and was bad, what was said of it, and whether it arrived. */
export function HistoryCard({ state, onState }: HistoryCardProps) {
  const { t } = useTranslation('alerts');
  const alerts = useInfiniteQuery(alertsQuery(state));
  const items = alerts.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card flush>
      <Tabs
        label={t('history')}
        value={state}
        tabs={[
          { value: 'open', label: t('open') },
          { value: 'past', label: t('past') },
        ]}
        onChange={onState}
      />
      {alerts.error ? (
        <ErrorState error={alerts.error} onRetry={() => void alerts.refetch()} />
      ) : alerts.isPending ? (
        <LoadingRows rows={4} />
      ) : items.length === 0 ? (
        <EmptyState icon={IconBellCheck} title={t(`none.${state}`)} />
      ) : (
        <table className={table.table}>
          <thead>
            <tr>
              <th aria-label={t('details')} />
              <th>{t('column.what')}</th>
              <th>{t('column.rule')}</th>
              <th>{t('column.opened')}</th>
              <th>{t('column.lasted')}</th>
              <th className={table.number}>{t('column.total')}</th>
              <th>{t('column.delivery')}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((alert) => (
              <AlertRows key={alert.id} alert={alert} />
            ))}
          </tbody>
        </table>
      )}
      {alerts.hasNextPage && (
        <Group justify="center" p="sm">
          <Button variant="default" loading={alerts.isFetchingNextPage} onClick={() => void alerts.fetchNextPage()}>
            {t('common:action.load_more')}
          </Button>
        </Group>
      )}
    </Card>
  );
}

function AlertRows({ alert }: { alert: AlertOccurrence }) {
  const { t } = useTranslation('alerts');
  const [shown, setShown] = useState(false);
  const Chevron = shown ? IconChevronDown : IconChevronRight;
  const deliveries = alert.notices.flatMap((notice) => notice.deliveries);
  const worst = (['failed', 'pending', 'sent'] as const).find((one) => deliveries.some((delivery) => delivery.state === one));
  return (
    <Fragment>
      <tr data-testid="alert-row" data-state={alert.closed_at === undefined ? 'open' : 'past'}>
        <td>
          <ActionIcon
            size={24}
            aria-label={t('details')}
            aria-expanded={shown}
            onClick={() => {
              setShown(!shown);
            }}
          >
            <Chevron size={16} />
          </ActionIcon>
        </td>
        <td>
          <Subject alert={alert} />
        </td>
        <td className={table.muted}>{alert.rule_name === '' ? t(`kind.${alert.kind}`) : alert.rule_name}</td>
        <td className={`${table.nowrap ?? ''} ${table.muted ?? ''}`}>
          <RelativeTime at={alert.opened_at} />
        </td>
        <td className={table.nowrap}>
          <Span from={alert.opened_at} to={alert.closed_at} />
        </td>
        <td className={table.number}>{alert.total}</td>
        <td className={table.nowrap}>
          {worst && (
            <Pill tone={worst === 'failed' ? 'bad' : worst === 'pending' ? 'wait' : 'ok'}>{t(`delivery.${worst}`)}</Pill>
          )}
        </td>
      </tr>
      {shown && (
        <tr>
          <td />
          <td colSpan={6}>
            <Stack gap="md" py={4}>
              {alert.notices.map((notice) => (
                <NoticeView key={notice.id} notice={notice} />
              ))}
            </Stack>
          </td>
        </tr>
      )}
    </Fragment>
  );
}

function Subject({ alert }: { alert: AlertOccurrence }) {
  const { t } = useTranslation('alerts');
  const { facts } = alert;
  switch (alert.kind) {
    case 'pool_without_worker':
      return (
        <>
          {t('subject.no_worker')}{' '}
          <AnchorLink to="/workers" size="sm" fw={600}>
            {facts.pool}
          </AnchorLink>
        </>
      );
    case 'queue_too_old':
      return (
        <>
          {t('subject.too_old')}{' '}
          <AnchorLink to="/workers" size="sm" fw={600}>
            {facts.pool}
          </AnchorLink>
        </>
      );
    case 'process_over_time':
      return (
        <>
          {t('subject.over_time')}{' '}
          <AnchorLink to="/processes" search={{ definition: facts.definition }} size="sm" fw={600}>
            {facts.definition_title ?? facts.definition}
          </AnchorLink>
        </>
      );
    default:
      return (
        <>
          <AnchorLink to="/processes" search={{ definition: facts.definition, error_code: facts.error_code }} size="sm" c="red" fw={600}>
            {facts.error_code}
          </AnchorLink>
          <div className={table.muted}>
            {facts.definition_title ?? facts.definition} · {facts.node_title ?? facts.node_id}
          </div>
        </>
      );
  }
}

function NoticeView({ notice }: { notice: AlertNotice }) {
  const { t } = useTranslation('alerts');
  const items = notice.facts.items ?? [];
  const more = (notice.facts.count ?? 0) - items.length;
  return (
    <div>
      <Group gap={8} mb={4}>
        <Text size="sm" fw={600}>
          {t(`notice.${notice.kind}`, { n: notice.facts.count ?? 1 })}
        </Text>
        <Text size="sm" c="dimmed" component="span">
          <Moment at={notice.at} />
        </Text>
        {items.slice(0, 5).map((item) => (
          <ItemLink key={`${item.process_id}${item.task_id ?? ''}`} item={item} />
        ))}
        {items.length > 0 && more + Math.max(0, items.length - 5) > 0 && (
          <Text size="sm" c="dimmed">
            {t('more', { n: more + Math.max(0, items.length - 5) })}
          </Text>
        )}
      </Group>
      <DeliveryList deliveries={notice.deliveries} />
    </div>
  );
}

function ItemLink({ item }: { item: AlertItem }) {
  return (
    <AnchorLink
      to="/processes/$processId"
      params={{ processId: item.process_id }}
      search={item.task_id === undefined ? {} : { task: item.task_id }}
      size="sm"
    >
      {item.custom_id ?? item.process_id.slice(0, 13)}
    </AnchorLink>
  );
}
