// A list that is searched by typing: arrows move, Enter picks. Every dialog that chooses one of many is made of it.

import { ScrollArea, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import classes from './row-list.module.css';
import { Keys } from './key-hint';

export interface Row {
  id: string;
  section: string;
  title: string;
  detail: string;
  tile: ReactNode;
  /** At the right end: keys, a count. */
  aside?: ReactNode;
  pick: (stay: boolean) => void;
}

interface RowListProps {
  rows: readonly Row[];
  query: string;
  setQuery: (query: string) => void;
  placeholder: string;
  hint: string;
  empty: string;
  /** Ctrl+Enter picks too, and leaves the dialog open. */
  mayStay?: boolean;
  /** What Enter does here. */
  enter?: string;
}

export function RowList({ rows, query, setQuery, placeholder, hint, empty, mayStay = false, enter }: RowListProps) {
  const { t } = useTranslation('designer');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const active = Math.min(at, rows.length - 1);
  useEffect(() => {
    list.current?.querySelector('[data-active="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const next = active + (event.key === 'ArrowDown' ? 1 : -1);
      setAt((next + rows.length) % Math.max(1, rows.length));
    }
    if (event.key === 'Home' || event.key === 'End' || event.key === 'PageDown' || event.key === 'PageUp') {
      if (query !== '' && !event.key.startsWith('Page')) return;
      event.preventDefault();
      const last = rows.length - 1;
      setAt(event.key === 'Home' ? 0 : event.key === 'End' ? last : Math.min(last, Math.max(0, active + (event.key === 'PageDown' ? 8 : -8))));
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      rows[active]?.pick(mayStay && (event.ctrlKey || event.metaKey));
    }
  };
  return (
    <div className={classes.dialog}>
      <TextInput
        className={classes.input}
        variant="unstyled"
        size="md"
        data-autofocus
        autoFocus
        placeholder={placeholder}
        aria-label={placeholder}
        role="combobox"
        aria-expanded
        aria-controls="insert-list"
        aria-activedescendant={rows[active] === undefined ? undefined : `row-${String(active)}`}
        leftSection={<IconSearch size={17} />}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ScrollArea.Autosize mah="46vh" scrollbarSize={6} scrollbars="y" className={classes.scroll}>
        <div ref={list} id="insert-list" role="listbox" aria-label={placeholder} className={classes.list}>
          {rows.map((row, index) => (
            <div key={row.id} role="presentation">
              {row.section !== '' && rows[index - 1]?.section !== row.section && (
                <div className={classes.section} role="presentation">
                  {row.section}
                </div>
              )}
              {/* The keyboard stays in the text field above, which moves the active option. */}
              {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events -- see above */}
              <div
                role="option"
                id={`row-${String(index)}`}
                tabIndex={-1}
                aria-selected={index === active}
                data-active={index === active}
                data-testid={`insert-${row.id.split(':').slice(1).join(':') || row.id}`}
                className={classes.row}
                onMouseMove={() => {
                  setAt(index);
                }}
                onClick={(event) => {
                  row.pick(mayStay && (event.ctrlKey || event.metaKey));
                }}
              >
                {row.tile}
                <span className={classes.texts}>
                  <span className={classes.name}>{row.title}</span>
                  {row.detail !== '' && <span className={classes.detail}>{row.detail}</span>}
                </span>
                {row.aside !== undefined && <span className={classes.aside}>{row.aside}</span>}
              </div>
            </div>
          ))}
          {rows.length === 0 && <p className={classes.empty}>{empty}</p>}
        </div>
      </ScrollArea.Autosize>
      <footer className={classes.footer}>
        <span className={classes.hint}>{hint}</span>
        <span>
          <Keys keys="Enter" /> {enter ?? t('insert.enter')}
        </span>
        {mayStay && (
          <span>
            <Keys keys="$mod+Enter" /> {t('insert.stay')}
          </span>
        )}
      </footer>
    </div>
  );
}
