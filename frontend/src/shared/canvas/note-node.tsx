// A remark on the canvas: markdown to read, plain text to write.

import { NodeResizer, type NodeProps } from '@xyflow/react';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { snap } from '../graph/geometry';
import { noteRef } from '../graph/refs';
import { NOTE_LEAST } from '../graph/remarks';
import { MarkdownText } from '../ui/markdown';
import { useCanvas, type CanvasEditing } from './canvas-context';
import type { NoteNode as NoteNodeType } from './flow-types';
import { useTypingInto } from './use-typing-into';

export const NoteNode = memo(function NoteNode({ data, selected }: NodeProps<NoteNodeType>) {
  const { note } = data;
  const { editing } = useCanvas();
  const { t } = useTranslation('designer');
  const typing = useTypingInto(noteRef(note.id), editing);
  return (
    <div
      className={`tkc-note tkc-color-${note.color ?? 'amber'}${selected ? ' tkc-selected' : ''}`}
      data-testid={`note-${note.id}`}
      role="note"
      aria-label={t('note.label')}
      onDoubleClick={typing.begin}
    >
      {editing !== undefined && (
        <NodeResizer
          isVisible={selected}
          minWidth={NOTE_LEAST.width}
          minHeight={NOTE_LEAST.height}
          lineClassName="tkc-resize-line"
          handleClassName="tkc-resize-handle"
          onResizeEnd={(_event, { x, y, width, height }) => {
            editing.onNoteBox(note.id, { x: snap(x), y: snap(y), width: snap(width), height: snap(height) });
          }}
        />
      )}
      {typing.on && editing !== undefined ? (
        <NoteText id={note.id} text={note.text} editing={editing} onDone={typing.end} />
      ) : (
        <div className="tkc-note-text">{note.text === '' ? <span className="tkc-note-empty">{t('note.empty')}</span> : <MarkdownText text={note.text} />}</div>
      )}
    </div>
  );
});

interface NoteTextProps {
  id: string;
  text: string;
  editing: CanvasEditing;
  onDone: () => void;
}

function NoteText({ id, text, editing, onDone }: NoteTextProps) {
  const { t } = useTranslation('designer');
  const [begun] = useState(text);
  return (
    <textarea
      className="tkc-note-input nodrag nopan nowheel"
      aria-label={t('note.text')}
      placeholder={t('note.placeholder')}
      autoFocus
      maxLength={20_000}
      value={text}
      onFocus={(event) => {
        event.currentTarget.setSelectionRange(begun.length, begun.length);
      }}
      onChange={(event) => {
        editing.onNoteText(id, event.currentTarget.value);
      }}
      onBlur={() => {
        editing.onTyped();
        onDone();
      }}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key !== 'Escape' && !(event.key === 'Enter' && (event.ctrlKey || event.metaKey))) return;
        const node = event.currentTarget.closest<HTMLElement>('.react-flow__node');
        event.currentTarget.blur();
        node?.focus({ preventScroll: true });
      }}
    />
  );
}
