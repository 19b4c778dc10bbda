import { useLayoutEffect, useRef } from 'react';

import classes from './details-panel.module.css';

const nearEnd = 24;

/** Lines as they come; it stays at the end unless someone scrolled up to read. */
export function LogView({ text }: { text: string }) {
  const box = useRef<HTMLPreElement>(null);
  const following = useRef(true);
  useLayoutEffect(() => {
    const element = box.current;
    if (element && following.current) element.scrollTop = element.scrollHeight;
  }, [text]);
  return (
    <pre
      ref={box}
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
