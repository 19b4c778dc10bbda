// One rule of a sheet. It is drawn anew only when something of it changed: a table may have hundreds.

import { memo, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';

import type { DecisionTask } from '@/shared/graph/types';

import type { Problem } from '../model/problems';
import { textAt } from '../model/table-cells';
import { columnName } from '../model/table-edit';
import classes from './table.module.css';

export const ROW_HEIGHT = 32;

export interface RowHandlers {
  down: (row: number, column: number, stretch: boolean) => void;
  over: (row: number, column: number) => void;
  open: (row: number, column: number) => void;
  /** What was typed, and the key that ended it. */
  commit: (text: string, key: string, back: boolean) => void;
  cancel: () => void;
  whole: (row: number, stretch: boolean) => void;
}

interface TableRowProps {
  id: string;
  table: DecisionTask;
  row: number;
  /** How far down it stands. */
  top: number;
  /** The column of the cursor, when it is in this row. */
  at: number | undefined;
  selected: { left: number; right: number } | undefined;
  typing: { text: string; over: boolean } | undefined;
  problems: ReadonlyMap<string, Problem> | undefined;
  hit: 'counts' | 'holds' | undefined;
  handlers: RowHandlers;
}

export const TableRow = memo(function TableRow({ id, table, row, top, at, selected, typing, problems, hit, handlers }: TableRowProps) {
  const { t } = useTranslation('designer');
  const inputs = table.inputs.length;
  const free = row >= table.rules.length;
  const columns = inputs + table.outputs.length;
  return (
    <div role="row" aria-rowindex={row + 2} className={classes.row} style={{ transform: `translateY(${String(top)}px)`, height: ROW_HEIGHT }} data-hit={hit} data-free={free || undefined} data-row={row}>
      <div
        role="rowheader"
        className={classes.gutter}
        data-problem={problems?.get('')?.severity}
        title={hit === undefined ? undefined : t(`decision.hit_${hit}`)}
        onPointerDown={(event) => {
          event.preventDefault();
          handlers.whole(row, event.shiftKey);
        }}
      >
        {free ? '+' : row + 1}
      </div>
      {Array.from({ length: columns }, (_, column) => {
        const output = column >= inputs;
        const problem = problems?.get(output ? `then/${String(column - inputs)}` : `when/${String(column)}`);
        const text = free ? '' : textAt(table, { row, column });
        const active = at === column;
        return (
          <div
            key={column}
            id={`${id}-${String(row)}-${String(column)}`}
            role="gridcell"
            tabIndex={-1}
            aria-colindex={column + 2}
            aria-selected={selected !== undefined && column >= selected.left && column <= selected.right}
            aria-invalid={problem?.severity === 'error' || undefined}
            aria-label={`${columnName(table, column)}: ${text === '' ? t('decision.empty') : text}`}
            className={classes.cell}
            data-out={output || undefined}
            data-first-out={column === inputs || undefined}
            data-at={active || undefined}
            data-any={(!output && (text === '-' || text.trim() === '')) || undefined}
            data-expression={text.trim().startsWith('=') || undefined}
            data-problem={problem?.severity}
            onPointerDown={(event) => {
              if (event.button !== 0 || (active && typing !== undefined)) return;
              handlers.down(row, column, event.shiftKey);
            }}
            onMouseDown={(event) => {
              // The sheet keeps the keyboard.
              if (!(active && typing !== undefined)) event.preventDefault();
            }}
            onPointerEnter={(event) => {
              if (event.buttons === 1) handlers.over(row, column);
            }}
            onDoubleClick={() => {
              handlers.open(row, column);
            }}
          >
            {active && typing !== undefined ? (
              <CellInput label={columnName(table, column)} typing={typing} onCommit={handlers.commit} onCancel={handlers.cancel} />
            ) : (
              <span className={classes.text}>{!output && text.trim() === '' && !free ? '-' : text}</span>
            )}
          </div>
        );
      })}
    </div>
  );
});

const LEADING = new Set(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageUp', 'PageDown']);

interface CellInputProps {
  label: string;
  typing: { text: string; over: boolean };
  onCommit: (text: string, key: string, back: boolean) => void;
  onCancel: () => void;
}

function CellInput({ label, typing, onCommit, onCancel }: CellInputProps) {
  const [text, setText] = useState(typing.text);
  const done = useRef(false);
  const end = (key: string, back: boolean): void => {
    if (done.current) return;
    done.current = true;
    onCommit(text, key, back);
  };
  const press = (event: KeyboardEvent<HTMLInputElement>): void => {
    event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      done.current = true;
      onCancel();
    } else if (event.key === 'Enter' || event.key === 'Tab' || (typing.over && LEADING.has(event.key) && !event.shiftKey)) {
      event.preventDefault();
      end(event.key, event.shiftKey);
    }
  };
  return (
    <input
      // What is typed goes on where it began.
      autoFocus
      aria-label={label}
      className={classes.input}
      maxLength={8000}
      spellCheck={false}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
      }}
      onKeyDown={press}
      onBlur={() => {
        end('', false);
      }}
      onCopy={(event) => {
        event.stopPropagation();
      }}
      onCut={(event) => {
        event.stopPropagation();
      }}
      onPaste={(event) => {
        event.stopPropagation();
      }}
    />
  );
}
