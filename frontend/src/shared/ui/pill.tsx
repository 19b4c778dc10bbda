import type { ComponentPropsWithoutRef, ReactNode } from 'react';

import classes from './pill.module.css';

export type Tone = 'idle' | 'active' | 'wait' | 'ok' | 'bad' | 'accent';

interface PillProps extends ComponentPropsWithoutRef<'span'> {
  tone?: Tone;
  icon?: ReactNode;
}

/** A short fact in a rounded label. */
export function Pill({ tone = 'idle', icon, children, className, ...rest }: PillProps) {
  return (
    <span className={`${classes.pill} ${className ?? ''}`} data-tone={tone} {...rest}>
      {icon}
      {children}
    </span>
  );
}
