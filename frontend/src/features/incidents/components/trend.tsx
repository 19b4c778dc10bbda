import { Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import classes from '../incidents.module.css';

const width = 96;
const height = 22;

/** How many of a group were opened in each of the last 24 hours, the present one at the right. */
export function Trend({ hours }: { hours: readonly number[] }) {
  const { t } = useTranslation('incidents');
  const most = Math.max(1, ...hours);
  const step = width / Math.max(1, hours.length);
  const day = hours.reduce((sum, n) => sum + n, 0);
  const label = t('trend', { count: day, last: hours.at(-1) ?? 0 });
  return (
    <Tooltip label={label}>
      <svg className={classes.trend} width={width} height={height} role="img" aria-label={label}>
        {hours.map((n, hour) => {
          const tall = n === 0 ? 1 : Math.max(3, (n / most) * height);
          return <rect key={hour} data-none={n === 0 || undefined} x={hour * step + 0.5} y={height - tall} width={step - 1} height={tall} rx={1} />;
        })}
      </svg>
    </Tooltip>
  );
}
