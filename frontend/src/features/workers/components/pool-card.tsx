import { Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconServer2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { Limit, Pool, PoolType, Usage, WorkerInfo } from '@/shared/api/types';
import { usePickText } from '@/shared/i18n/text';
import { PauseControl, PausePill } from '@/shared/pause/pause-control';
import table from '@/shared/ui/data-table.module.css';
import { Duration, Moment, RelativeTime } from '@/shared/ui/moment';
import { Card } from '@/shared/ui/page';
import { Pill } from '@/shared/ui/pill';
import { totalOf } from '@/shared/usage/points';
import { usageQuery } from '@/shared/usage/usage-api';
import { UsageHistory } from '@/shared/usage/usage-history';

import { limitsQuery } from '../api/limits-api';
import { DrainControl, DrainPill, PoolDrainControl } from './drain-control';
import { LimitControl, LimitPill } from './limit-control';
import classes from './pool-card.module.css';

/** A task that waits longer than this for its turn is worth a colour. */
const lateAfter = 60_000;

export function PoolCard({ pool }: { pool: Pool }) {
  const { t } = useTranslation('workers');
  const waiting = pool.queued + pool.backlog;
  return (
    <Card
      flush
      title={
        <div className={classes.title} data-testid={`pool-${pool.pool}`}>
          <IconServer2 size={18} stroke={1.7} />
          <h2>{pool.pool}</h2>
          {pool.workers.length === 0 ? (
            <Pill tone="bad" icon={<IconAlertTriangle size={13} />}>
              {pool.no_worker_since ? (
                <>
                  {t('no_worker_since')} <Moment at={pool.no_worker_since} />
                </>
              ) : (
                t('no_worker_yet')
              )}
            </Pill>
          ) : (
            <Pill tone="ok">{t('workers', { count: pool.workers.length })}</Pill>
          )}
          {pool.paused !== undefined && <PausePill pause={pool.paused} />}
        </div>
      }
      aside={
        <span className={classes.aside}>
          {pool.last_poll_at && (
            <span>
              {t('last_poll')} <RelativeTime at={pool.last_poll_at} />
            </span>
          )}
          <PoolDrainControl pool={pool} />
          <PauseControl kind="pool" name={pool.pool} title={pool.pool} pause={pool.paused} />
        </span>
      }
    >
      <dl className={classes.numbers}>
        <Number name={t('queued')} hint={t('queued_hint')}>
          {pool.queued}
        </Number>
        <Number name={t('backlog')} hint={t('backlog_hint')}>
          {pool.backlog}
        </Number>
        <Number name={t('oldest')} hint={t('oldest_hint')} tone={waiting > 0 && pool.oldest_age_ms > lateAfter ? 'bad' : undefined}>
          {waiting > 0 ? <Duration ms={pool.oldest_age_ms} /> : '—'}
        </Number>
        <Number name={t('running')} hint={t('running_hint')}>
          {pool.running}
        </Number>
        <Number name={t('slots')} hint={t('slots_hint')}>
          {pool.busy} / {pool.slots}
          <span className={classes.meter}>
            <i style={{ width: `${pool.slots > 0 ? Math.min(100, (pool.busy / pool.slots) * 100) : 0}%` }} />
          </span>
        </Number>
      </dl>
      <div className={classes.history}>
        <UsageHistory
          subject="pool"
          name={pool.pool}
          title={t('usage.title', { pool: pool.pool })}
          lines={[
            { metric: 'waiting', label: t('usage.waiting'), color: 'var(--tk-wait)' },
            { metric: 'running', label: t('usage.running'), color: 'var(--tk-active)' },
          ]}
          height={140}
        />
      </div>
      {pool.types.length > 0 && <Types types={pool.types} />}
      {pool.workers.length > 0 && <Workers pool={pool.pool} workers={pool.workers} />}
    </Card>
  );
}

function Number({ name, hint, tone, children }: { name: string; hint: string; tone?: 'bad' | undefined; children: ReactNode }) {
  return (
    <div data-tone={tone}>
      <Tooltip label={hint} multiline maw={280}>
        <dt>{name}</dt>
      </Tooltip>
      <dd>{children}</dd>
    </div>
  );
}

function Types({ types }: { types: readonly PoolType[] }) {
  const { t } = useTranslation('workers');
  const limits = useQuery(limitsQuery);
  const usage = useQuery(usageQuery('type', 24));
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th>{t('type')}</th>
          <th className={table.number}>{t('queued')}</th>
          <th className={table.number}>{t('running')}</th>
          <th className={table.number}>{t('usage.done')}</th>
          <th className={table.number}>{t('usage.failed')}</th>
          <th className={table.number}>
            <Tooltip label={t('usage.mean_hint')} multiline maw={280}>
              <span>{t('usage.mean')}</span>
            </Tooltip>
          </th>
          <th aria-label={t('common:pause.pause')} />
        </tr>
      </thead>
      <tbody>
        {types.map((type) => (
          <TypeRow key={type.type} type={type} usage={usage.data} limit={limits.data?.find((limit) => limit.node_type === type.type)} />
        ))}
      </tbody>
    </table>
  );
}

function TypeRow({ type, usage, limit }: { type: PoolType; usage: Usage | undefined; limit: Limit | undefined }) {
  const { i18n } = useTranslation();
  const pick = usePickText();
  const [completed, failed, spent] = ['completed', 'failed', 'run_ms'].map((metric) => totalOf(usage, type.type, metric)) as [number, number, number];
  const title = pick(type.title);
  return (
    <tr>
      <td>
        {title} <span className={`${table.muted ?? ''} ${table.mono ?? ''}`}>{type.type}</span>{' '}
        {type.paused !== undefined && <PausePill pause={type.paused} />} {limit !== undefined && <LimitPill limit={limit} />}
      </td>
      <td className={table.number}>{type.queued}</td>
      <td className={table.number}>{type.running}</td>
      <td className={table.number}>{completed.toLocaleString(i18n.language)}</td>
      <td className={`${table.number ?? ''} ${failed > 0 ? (classes.failed ?? '') : ''}`}>{failed.toLocaleString(i18n.language)}</td>
      <td className={table.number}>{completed + failed > 0 ? <Duration ms={spent / (completed + failed)} /> : '—'}</td>
      <td className={classes.control}>
        <LimitControl type={type.type} title={title} limit={limit} />
        <PauseControl kind="type" name={type.type} title={title} pause={type.paused} />
      </td>
    </tr>
  );
}

function Workers({ pool, workers }: { pool: string; workers: readonly WorkerInfo[] }) {
  const { t } = useTranslation('workers');
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th>{t('worker')}</th>
          <th>{t('version')}</th>
          <th>{t('started')}</th>
          <th>{t('seen')}</th>
          <th className={table.number}>{t('slots')}</th>
          <th aria-label={t('drain.confirm')} />
        </tr>
      </thead>
      <tbody>
        {workers.map((worker) => (
          <tr key={worker.id}>
            <td>
              <span className={table.mono}>{worker.id}</span>{' '}
              <DrainPill worker={worker} />
              {worker.refusals.map((refusal) => (
                <div key={refusal.type} className={classes.refusal}>
                  <IconAlertTriangle size={14} stroke={1.8} /> {t('refused', { type: refusal.type, reason: refusal.reason })}
                </div>
              ))}
            </td>
            <td className={table.muted}>{worker.version}</td>
            <td className={table.muted}>
              <Moment at={worker.started_at} />
            </td>
            <td className={table.muted}>
              <RelativeTime at={worker.seen_at} />
            </td>
            <td className={table.number}>
              {worker.busy} / {worker.slots}
            </td>
            <td className={classes.control}>
              <DrainControl pool={pool} worker={worker} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
