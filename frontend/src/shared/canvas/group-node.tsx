// A titled box around some steps. It is moved by its title, and folds to a chip.

import type { NodeProps } from '@xyflow/react';
import { IconChevronDown } from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';

import { frameRef } from '../graph/refs';
import { useCanvas } from './canvas-context';
import type { GroupNode as GroupNodeType } from './flow-types';
import { useTypingInto } from './use-typing-into';

export const GroupNode = memo(function GroupNode({ data, selected }: NodeProps<GroupNodeType>) {
  const { editing, folding } = useCanvas();
  const { t } = useTranslation('designer');
  const ref = frameRef(data.id);
  const typing = useTypingInto(ref, editing);
  return (
    <div className={`tkc-group tkc-color-${data.color ?? 'slate'}${selected ? ' tkc-selected' : ''}`} data-testid={`frame-${data.id}`} role="group" aria-label={data.title}>
      <div className="tkc-group-title" onDoubleClick={typing.begin}>
        {folding !== undefined && (
          <button
            type="button"
            className="tkc-fold nodrag nopan"
            aria-label={t('frame.fold')}
            title={t('frame.fold')}
            tabIndex={-1}
            onClick={(event) => {
              event.stopPropagation();
              folding.onFold(ref);
            }}
          >
            <IconChevronDown size={14} stroke={2} />
          </button>
        )}
        {typing.on && editing !== undefined ? (
          <input
            className="tkc-group-input nodrag nopan"
            aria-label={t('frame.title')}
            placeholder={t('frame.untitled')}
            autoFocus
            maxLength={120}
            value={data.title}
            onFocus={(event) => {
              event.currentTarget.select();
            }}
            onChange={(event) => {
              editing.onFrameTitle(data.id, event.currentTarget.value);
            }}
            onBlur={() => {
              editing.onTyped();
              typing.end();
            }}
            onKeyDown={(event) => {
              event.stopPropagation();
              if (event.key !== 'Enter' && event.key !== 'Escape') return;
              const node = event.currentTarget.closest<HTMLElement>('.react-flow__node');
              event.currentTarget.blur();
              node?.focus({ preventScroll: true });
            }}
          />
        ) : (
          <span className="tkc-group-name">{data.title === '' ? t('frame.untitled') : data.title}</span>
        )}
      </div>
    </div>
  );
});
