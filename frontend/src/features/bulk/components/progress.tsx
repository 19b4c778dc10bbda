import { Progress as Bar } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { BulkJob } from '@/shared/api/types';

const parts = [
  { name: 'done', color: 'var(--tk-ok)' },
  { name: 'refused', color: 'var(--tk-wait)' },
  { name: 'failed', color: 'var(--tk-bad)' },
] as const;

/** How much of a job is decided, and how. */
export function Progress({ job, size = 8 }: { job: BulkJob; size?: number }) {
  const { t } = useTranslation('bulk');
  const share = (n: number) => (job.total === 0 ? 0 : (n / job.total) * 100);
  return (
    <Bar.Root size={size} aria-label={t('progress', { done: job.total - job.pending, total: job.total })}>
      {parts.map(({ name, color }) => (
        <Bar.Section key={name} value={share(job[name])} color={color} aria-label={t(`count.${name}`)} />
      ))}
    </Bar.Root>
  );
}
