import { useLayoutEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import classes from './details-panel.module.css';

const nearEnd = 24;

/** Lines as they come; it stays at the end unless someone scrolled up to read. */
export function LogView({ text }: { text: string }) {
  const { t } = useTranslation('process');
  const box = useRef<HTMLPreElement>(null);
  const following = useRef(true);
  useLayoutEffect(() => {
    const element = box.current;
    if (element && following.current) element.scrollTop = element.scrollHeight;
  }, [text]);
  return (
    <pre
      ref={box}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- whoever has no mouse scrolls it by the keyboard
      tabIndex={0}
      role="region"
      aria-label={t('details.log')}
      className={classes.log}
      data-testid="log"
      onScroll={(event) => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
        following.current = scrollHeight - scrollTop - clientHeight < nearEnd;
      }}
    >
      {text}
    </pre>
  );
}
