import { useTranslation } from 'react-i18next';

import { Pill } from './pill';
import { lookOf } from './states';
import classes from './status.module.css';

interface StatusIconProps {
  state: string;
  size?: number;
  /** Off when what is shown is stale: nothing moves then. */
  animated?: boolean;
}

export function StatusIcon({ state, size = 16, animated = true }: StatusIconProps) {
  const { t } = useTranslation('common');
  const look = lookOf(state);
  const Icon = look.icon;
  return (
    <span
      className={classes.icon}
      data-tone={look.tone}
      data-spin={look.spin && animated ? true : undefined}
      role="img"
      aria-label={t(`state.${state}`)}
    >
      <Icon size={size} stroke={2} />
    </span>
  );
}

export function StatusBadge({ state, animated = true }: { state: string; animated?: boolean }) {
  const { t } = useTranslation('common');
  const look = lookOf(state);
  const Icon = look.icon;
  return (
    <Pill
      tone={look.tone}
      data-state={state}
      className={look.spin && animated ? classes.spinning : undefined}
      icon={<Icon size={13} stroke={2.2} aria-hidden />}
    >
      {t(`state.${state}`)}
    </Pill>
  );
}
