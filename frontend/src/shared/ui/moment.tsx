import { Tooltip } from '@mantine/core';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';

import { formatClock, formatDuration } from '@/shared/format/duration';
import { formatDateTime, formatMoment } from '@/shared/format/time';

import { useNow } from './use-now';

/** A moment: the time today, else the day too; the whole of it on hover. */
export function Moment({ at }: { at: string | undefined }) {
  const { i18n } = useTranslation();
  if (!at) return <span>—</span>;
  return (
    <Tooltip label={formatDateTime(at, i18n.language)}>
      <time dateTime={at}>{formatMoment(at, i18n.language)}</time>
    </Tooltip>
  );
}

/** "3 minutes ago", kept true. */
export function RelativeTime({ at }: { at: string | undefined }) {
  const { i18n } = useTranslation();
  useNow(at !== undefined, 20_000);
  if (!at) return <span>—</span>;
  return (
    <Tooltip label={formatDateTime(at, i18n.language)}>
      <time dateTime={at}>{dayjs(at).locale(i18n.language).fromNow()}</time>
    </Tooltip>
  );
}

interface DurationProps {
  ms: number;
  /** Like a stopwatch, for narrow columns. */
  clock?: boolean;
}

export function Duration({ ms, clock = false }: DurationProps) {
  const { t, i18n } = useTranslation();
  return <span>{clock ? formatClock(ms, t, i18n.language) : formatDuration(ms, t, i18n.language)}</span>;
}

/** From one moment to another, or still running. */
export function Span({ from, to, clock }: { from: string | undefined; to: string | undefined; clock?: boolean }) {
  const now = useNow(from !== undefined && to === undefined);
  if (!from) return <span>—</span>;
  return <Duration ms={(to ? Date.parse(to) : now) - Date.parse(from)} clock={clock ?? false} />;
}
