import { Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { formatTime } from '@/shared/format/time';
import { Pill } from '@/shared/ui/pill';
import { useNow } from '@/shared/ui/use-now';

import classes from './connection-pill.module.css';
import { useLiveState } from './live-provider';

const staleAfter = 30_000;

/** Whether what is on the page is of this moment: live, catching up, reconnecting 12 s, stale since 12:04. */
export function ConnectionPill() {
  const { t, i18n } = useTranslation('common');
  const { phase, lostAt } = useLiveState();
  const now = useNow(phase === 'lost');
  if (phase === 'live') {
    return (
      <Tooltip label={t('live.hint')}>
        <Pill tone="ok" role="status" data-live="live" icon={<i className={classes.dot} />}>
          {t('live.live')}
        </Pill>
      </Tooltip>
    );
  }
  if (phase === 'lost' && lostAt !== undefined) {
    const silent = now - lostAt;
    return (
      <Tooltip label={t('live.hint_stale')}>
        <Pill tone={silent < staleAfter ? 'wait' : 'bad'} role="status" data-live="lost" icon={<i className={classes.dot} />}>
          {silent < staleAfter
            ? t('live.reconnecting', { seconds: Math.max(0, Math.floor(silent / 1000)) })
            : t('live.stale', { time: formatTime(lostAt, i18n.language) })}
        </Pill>
      </Tooltip>
    );
  }
  return (
    <Pill tone="idle" role="status" data-live={phase} icon={<i className={classes.dot} />}>
      {t(phase === 'catching_up' ? 'live.catching_up' : 'live.connecting')}
    </Pill>
  );
}
