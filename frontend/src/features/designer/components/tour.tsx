// Five stops for newcomers: what is where, and the keys worth knowing. It dims nothing and can be left at any time.

import { Button, CloseButton, FocusTrap, Portal } from '@mantine/core';
import { useEffect, useLayoutEffect, useState, type CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';

import { useSession, useUi } from '../hooks/designer-context';
import { rememberTour } from '../store/tour-seen';
import classes from './tour.module.css';

type Side = 'right' | 'left' | 'above' | 'below' | 'inside';

const STOPS: readonly { name: string; side: Side }[] = [
  { name: 'palette', side: 'right' },
  { name: 'canvas', side: 'inside' },
  { name: 'properties', side: 'left' },
  { name: 'problems', side: 'above' },
  { name: 'publish', side: 'below' },
];

const WIDTH = 300;
const GAP = 14;

function useAnchor(name: string): DOMRect | undefined {
  const [box, setBox] = useState<DOMRect>();
  useLayoutEffect(() => {
    const measure = (): void => {
      setBox(document.querySelector(`[data-tour="${name}"]`)?.getBoundingClientRect());
    };
    measure();
    window.addEventListener('resize', measure);
    return () => {
      window.removeEventListener('resize', measure);
    };
  }, [name]);
  return box;
}

function placed(box: DOMRect | undefined, side: Side): CSSProperties {
  if (box === undefined || box.width === 0) return { left: `calc(50% - ${String(WIDTH / 2)}px)`, top: '30%' };
  const left = (x: number): number => Math.max(12, Math.min(window.innerWidth - WIDTH - 12, x));
  switch (side) {
    case 'right':
      return { left: left(box.right + GAP), top: Math.max(12, box.top + 40) };
    case 'left':
      return { left: left(box.left - GAP - WIDTH), top: Math.max(12, box.top + 60) };
    case 'above':
      return { left: left(box.left), bottom: window.innerHeight - box.top + GAP };
    case 'below':
      return { left: left(box.right - WIDTH), top: box.bottom + GAP };
    case 'inside':
      return { left: left(box.left + box.width / 2 - WIDTH / 2), top: box.top + 32 };
  }
}

export function Tour() {
  const stop = useUi((state) => state.tour);
  return stop === undefined || STOPS[stop] === undefined ? null : <Stop key={stop} at={stop} {...STOPS[stop]} />;
}

function Stop({ at, name, side }: { at: number; name: string; side: Side }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const box = useAnchor(name);
  const last = at === STOPS.length - 1;
  useEffect(() => {
    rememberTour();
  }, []);
  const go = (to: number | undefined): void => {
    context.ui.setState({ tour: to });
  };
  return (
    <Portal>
      {box !== undefined && box.width > 0 && <div className={classes.ring} style={{ left: box.left, top: box.top, width: box.width, height: box.height }} aria-hidden />}
      <FocusTrap active>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape leaves a dialog, wherever the focus is in it */}
        <section
          className={classes.card}
          style={{ width: WIDTH, ...placed(box, side) }}
          role="dialog"
          aria-label={t(`tour.${name}.title`)}
          data-testid="tour"
          onKeyDown={(event) => {
            if (event.key === 'Escape') go(undefined);
            if (event.key === 'ArrowRight' && !last) go(at + 1);
            if (event.key === 'ArrowLeft' && at > 0) go(at - 1);
          }}
        >
          <header className={classes.head}>
            <span className={classes.count}>{t('tour.count', { at: at + 1, of: STOPS.length })}</span>
            <CloseButton
              size="sm"
              aria-label={t('tour.leave')}
              onClick={() => {
                go(undefined);
              }}
            />
          </header>
          <h2 className={classes.title}>{t(`tour.${name}.title`)}</h2>
          <p className={classes.text}>{t(`tour.${name}.text`)}</p>
          <footer className={classes.foot}>
            {at > 0 && (
              <Button
                variant="default"
                onClick={() => {
                  go(at - 1);
                }}
              >
                {t('tour.back')}
              </Button>
            )}
            <Button
              data-autofocus
              ml="auto"
              onClick={() => {
                go(last ? undefined : at + 1);
              }}
            >
              {t(last ? 'tour.done' : 'tour.next')}
            </Button>
          </footer>
        </section>
      </FocusTrap>
    </Portal>
  );
}
