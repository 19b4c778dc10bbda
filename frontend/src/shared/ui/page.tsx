import type { ReactNode } from 'react';

import classes from './page.module.css';

/** The body of a page that is read from top to bottom. */
export function Page({ children, narrow = false }: { children: ReactNode; narrow?: boolean }) {
  return (
    <div className={classes.page} data-narrow={narrow || undefined}>
      {children}
    </div>
  );
}

interface CardProps {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  /** Without inner padding, for tables. */
  flush?: boolean;
}

export function Card({ title, aside, children, flush = false }: CardProps) {
  return (
    <section className={classes.card}>
      {(title !== undefined || aside !== undefined) && (
        <header className={classes.head}>
          {typeof title === 'string' ? <h2 className={classes.title}>{title}</h2> : title}
          {aside !== undefined && <div className={classes.aside}>{aside}</div>}
        </header>
      )}
      <div className={flush ? classes.flush : classes.body}>{children}</div>
    </section>
  );
}
