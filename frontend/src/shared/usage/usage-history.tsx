import { SegmentedControl, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ErrorState } from '@/shared/ui/faces';

import { firstSpan, type Span, spans } from './points';
import { usageQuery } from './usage-api';
import type { Line } from './usage-chart';
import classes from './usage-history.module.css';

const UsageChart = lazy(() => import('./usage-chart'));

interface UsageHistoryProps {
  subject: 'type' | 'pool' | 'definition';
  /** One name only. */
  name?: string;
  title: string;
  lines: readonly Line[];
  height?: number;
}

/** A chart with the choice of its span. */
export function UsageHistory({ subject, name, title, lines, height = 180 }: UsageHistoryProps) {
  const { t } = useTranslation('common');
  const [chosen, setChosen] = useState<Span>();
  // The day says since when there is anything; of a young installation a shorter span is shown then.
  const day = useQuery({ ...usageQuery(subject, 24, name), enabled: chosen === undefined });
  const first = day.data === undefined ? undefined : firstSpan(day.data.since, day.dataUpdatedAt);
  const span = chosen ?? first ?? 24;
  const usage = useQuery({ ...usageQuery(subject, span, name), enabled: chosen !== undefined || first !== undefined });
  const error = usage.error ?? day.error;
  return (
    <div className={classes.history} data-testid={`usage-${name ?? subject}`}>
      <div className={classes.head}>
        <h3>{title}</h3>
        <SegmentedControl
          size="xs"
          aria-label={t('usage.span')}
          value={String(span)}
          onChange={(value) => {
            setChosen(spans.find((one) => String(one) === value));
          }}
          data={spans.map((one) => ({ value: String(one), label: t(`usage.hours.${one}`) }))}
        />
      </div>
      {error ? (
        <ErrorState error={error} onRetry={() => void Promise.all([day.refetch(), usage.refetch()])} />
      ) : usage.data === undefined ? (
        <Skeleton height={height} />
      ) : (
        <Suspense fallback={<Skeleton height={height} />}>
          <UsageChart usage={usage.data} lines={lines} title={title} height={height} counts={subject !== 'pool'} />
        </Suspense>
      )}
    </div>
  );
}
