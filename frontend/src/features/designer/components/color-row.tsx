// The colours of a note or a frame.

import { IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { frameById, noteById, updateFrame, updateNote } from '@/shared/graph/remarks';
import { COLORS, type Color } from '@/shared/graph/types';

import { useDocument, useSession } from '../hooks/designer-context';
import classes from './color-row.module.css';

interface ColorRowProps {
  note: string | undefined;
  frame: string | undefined;
  onPick?: () => void;
}

export function ColorRow({ note, frame, onPick }: ColorRowProps) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const doc = useDocument();
  const chosen = note === undefined ? (frameById(doc, frame)?.color ?? 'slate') : (noteById(doc, note)?.color ?? 'amber');
  const pick = (color: Color): void => {
    const { doc: current, edit } = context.store.getState();
    const next = note === undefined ? updateFrame(current, frame ?? '', { color }) : updateNote(current, note, { color });
    edit({ label: { key: 'step.color' }, doc: next });
    onPick?.();
  };
  return (
    <div className={classes.row} role="radiogroup" aria-label={t('color.label')}>
      {COLORS.map((color) => (
        <button
          key={color}
          type="button"
          role="radio"
          aria-checked={color === chosen}
          aria-label={t(`color.${color}`)}
          title={t(`color.${color}`)}
          className={`${classes.color ?? ''} tkc-color-${color}`}
          onClick={() => {
            pick(color);
          }}
        >
          {color === chosen && <IconCheck size={14} stroke={2.5} />}
        </button>
      ))}
    </div>
  );
}
