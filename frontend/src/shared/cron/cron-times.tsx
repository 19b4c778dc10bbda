import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { useFaultText } from '@/shared/api/fault-text';

import { inZone } from './cron';
import { cronTimesQuery } from './cron-api';
import classes from './cron-times.module.css';

interface CronTimesProps {
  cron: string;
  zone: string;
  count?: number;
}

/** The next times of a rule, or why it has none. */
export function CronTimes({ cron, zone, count = 5 }: CronTimesProps) {
  const { t, i18n } = useTranslation('cron');
  const fault = useFaultText();
  const [rule] = useDebouncedValue(cron.trim(), 250);
  const times = useQuery({ ...cronTimesQuery(rule, zone, count), enabled: rule !== '' });
  if (rule === '') return <p className={classes.none}>{t('no_rule')}</p>;
  if (times.error) {
    return (
      <p className={classes.bad} role="alert">
        {fault(times.error)}
      </p>
    );
  }
  return (
    <div className={classes.times} data-testid="cron-times" data-busy={times.isPlaceholderData || undefined}>
      <span>{t('next')}</span>
      <ol>
        {(times.data ?? []).map((at) => (
          <li key={at}>
            <time dateTime={at}>{inZone(at, zone, i18n.language)}</time>
          </li>
        ))}
      </ol>
    </div>
  );
}
