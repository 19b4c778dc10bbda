import type { KeyboardEvent, ReactNode } from 'react';

import classes from './tabs.module.css';

interface TabsProps<Value extends string> {
  label: string;
  value: Value;
  tabs: readonly { value: Value; label: ReactNode; tone?: 'bad' }[];
  onChange: (value: Value) => void;
  /** At the right end of the row. */
  aside?: ReactNode;
}

/** A row of tabs as thin as the product's panels; arrow keys move between them. */
export function Tabs<Value extends string>({ label, value, tabs, onChange, aside }: TabsProps<Value>) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const index = tabs.findIndex((tab) => tab.value === value);
    const next = tabs[(index + step + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    onChange(next.value);
    const buttons = event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]');
    buttons[tabs.indexOf(next)]?.focus();
  };
  return (
    <div className={classes.row}>
      {/* eslint-disable-next-line jsx-a11y/interactive-supports-focus -- the tabs inside take the focus, the list hears their arrow keys */}
      <div role="tablist" aria-label={label} className={classes.tabs} onKeyDown={move}>
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            aria-selected={tab.value === value}
            tabIndex={tab.value === value ? 0 : -1}
            className={classes.tab}
            data-tone={tab.tone}
            onClick={() => {
              onChange(tab.value);
            }}
          >
            {tab.label}
          </button>
        ))}
      </div>
      {aside !== undefined && <div className={classes.aside}>{aside}</div>}
    </div>
  );
}
