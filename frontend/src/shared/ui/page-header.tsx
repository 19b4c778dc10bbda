// The header bar belongs to the app; what stands in it belongs to the page. A page puts it there with PageHeader.
import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { createContext, Fragment, type ReactNode, use, useEffect } from 'react';
import { createPortal } from 'react-dom';

import classes from './page-header.module.css';

export interface HeaderSlots {
  start: HTMLElement | null;
  actions: HTMLElement | null;
}

export const HeaderSlotsContext = createContext<HeaderSlots>({ start: null, actions: null });

export interface Crumb {
  label: string;
  /** Absent for the page itself, the last crumb. */
  to?: string;
}

interface PageHeaderProps {
  crumbs: readonly Crumb[];
  /** Pills after the breadcrumb. */
  meta?: ReactNode;
  /** Buttons at the right end. */
  actions?: ReactNode;
  /** An element in place of the last crumb's text, for a title that can be edited. */
  title?: ReactNode;
}

export function PageHeader({ crumbs, meta, actions, title }: PageHeaderProps) {
  const slots = use(HeaderSlotsContext);
  const name = crumbs.at(-1)?.label ?? '';
  useEffect(() => {
    document.title = name ? `${name} · Taskurotta` : 'Taskurotta';
  }, [name]);
  return (
    <>
      {slots.start &&
        createPortal(
          <>
            <nav className={classes.crumbs} aria-label="breadcrumb">
              {crumbs.map((crumb, index) => (
                <Fragment key={`${index}-${crumb.label}`}>
                  {index > 0 && <span className={classes.slash}>/</span>}
                  {crumb.to !== undefined ? (
                    <Anchor component={Link} to={crumb.to} c="dimmed" size="md" underline="hover">
                      {crumb.label}
                    </Anchor>
                  ) : (
                    (title ?? <h1 className={classes.title}>{crumb.label}</h1>)
                  )}
                </Fragment>
              ))}
            </nav>
            {meta}
          </>,
          slots.start,
        )}
      {slots.actions && createPortal(actions, slots.actions)}
    </>
  );
}
