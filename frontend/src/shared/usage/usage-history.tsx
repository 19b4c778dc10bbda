import { SegmentedControl, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ErrorState } from '@/shared/ui/faces';

import type { Line } from './usage-chart';
import { type Span, spans, usageQuery } from './usage-api';
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

/** A chart with the choice of its span; it begins with a day. */
export function UsageHistory({ subject, name, title, lines, height = 180 }: UsageHistoryProps) {
  const { t } = useTranslation('common');
  const [span, setSpan] = useState<Span>(24);
  const usage = useQuery(usageQuery(subject, span, name));
  return (
    <div className={classes.history} data-testid={`usage-${name ?? subject}`}>
      <div className={classes.head}>
        <h3>{title}</h3>
        <SegmentedControl
          size="xs"
          aria-label={t('usage.span')}
          value={String(span)}
          onChange={(value) => {
            setSpan(spans.find((one) => String(one) === value) ?? 24);
          }}
          data={spans.map((one) => ({ value: String(one), label: t(`usage.hours.${one}`) }))}
        />
      </div>
      {usage.error ? (
        <ErrorState error={usage.error} onRetry={() => void usage.refetch()} />
      ) : usage.data === undefined ? (
        <Skeleton height={height} />
      ) : (
        <Suspense fallback={<Skeleton height={height} />}>
          <UsageChart usage={usage.data} lines={lines} title={title} height={height} />
        </Suspense>
      )}
    </div>
  );
}
