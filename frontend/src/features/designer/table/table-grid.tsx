// A decision table as a sheet: one thing with the keyboard, whose cursor is in a cell, as in every spreadsheet.

import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useEffectEvent, useId, useImperativeHandle, useMemo, useRef, useState, type ClipboardEvent, type KeyboardEvent, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import type { StoreApi } from 'zustand/vanilla';

import type { GraphNode } from '@/shared/graph/types';

import { useSession } from '../hooks/designer-context';
import { fromTsv, rangeOf, textAt, toTsv, widthOf, type Place } from '../model/table-cells';
import { cleared, columnName, emptyRule, filledDown, MAX_RULES, movedColumn, movedRules, pasted, withRules, withTexts, withoutRules } from '../model/table-edit';
import { ColumnHead } from './column-head';
import { led, put, stretched, tabbed, type Cursor, type Size } from './grid-cursor';
import { ROW_HEIGHT, TableRow, type RowHandlers } from './table-row';
import { TryRow, type Tries } from './try-row';
import { useRowProblems, useTable } from './use-table';
import classes from './table.module.css';

const PAGE = 20;

export interface GridApi {
  insert: (below: boolean) => void;
  duplicate: () => void;
  remove: () => void;
  move: (by: 1 | -1) => void;
  show: (place: Place) => void;
  focus: () => void;
}

/** What happens in a field, or in a form that a head opened, is none of the sheet's. */
function isOwn({ target, currentTarget }: { target: EventTarget; currentTarget: EventTarget & Element }): boolean {
  return target instanceof Element && currentTarget.contains(target) && target.closest('input, [data-head]') === null;
}

interface TableGridProps {
  node: GraphNode;
  start: Place;
  tries: Tries;
  ref: Ref<GridApi>;
  /** Changes with every key: only who follows it is drawn anew. */
  followed: StoreApi<Cursor>;
  onRefused: (message: string | undefined) => void;
}

export function TableGrid({ node, start, tries, ref, followed, onRefused }: TableGridProps) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { readOnly } = context;
  const { table, change } = useTable(node);
  const problems = useRowProblems(node.id);
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const sheet = useRef<HTMLDivElement>(null);
  const size = useMemo((): Size => ({ rules: readOnly ? Math.max(0, table.rules.length - 1) : table.rules.length, columns: widthOf(table) }), [table, readOnly]);
  const [cursor, setCursor] = useState<Cursor>(() => put(start, size));
  const [head, setHead] = useState<number | undefined>(start.row < 0 ? start.column : undefined);
  // A step back may have taken away where one was.
  const at = put(cursor.at, size).at;
  const to = put(cursor.to, size).at;
  const range = rangeOf({ ...at, row: Math.max(0, at.row) }, { ...to, row: Math.max(0, to.row) });
  const many = range.top !== range.bottom || range.left !== range.right;

  const virtual = useVirtualizer({
    count: table.rules.length + (readOnly ? 0 : 1),
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
    scrollPaddingStart: 58,
    scrollPaddingEnd: ROW_HEIGHT * 3,
  });

  const go = useCallback(
    (next: Cursor): void => {
      setCursor(next);
      followed.setState(next);
      onRefused(undefined);
      const { row, column } = next.to;
      if (row >= 0) virtual.scrollToIndex(row, { align: 'auto' });
      sheet.current?.querySelector(`[data-head="${String(column)}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    },
    [followed, onRefused, virtual],
  );
  const focus = (): void => {
    sheet.current?.focus({ preventScroll: true });
  };
  const openHead = useCallback((column: number | undefined): void => {
    setHead(column);
    if (column !== undefined) return;
    // The form that closes gives the keyboard to its head first.
    setTimeout(() => sheet.current?.focus({ preventScroll: true }), 30);
  }, []);
  const began = useEffectEvent(() => {
    if (start.row > 0) virtual.scrollToIndex(start.row, { align: 'center' });
    followed.setState(cursor);
  });
  useEffect(() => {
    began();
  }, []);

  const write = (place: Place, text: string): void => {
    if (readOnly || text === textAt(table, place)) return;
    change('cell', (each) => withTexts(each, place, [[text]]), { rule: place.row + 1, column: columnName(table, place.column) });
  };
  const begin = (text: string, over: boolean): void => {
    if (readOnly || size.columns === 0) return;
    if (at.row < 0) setHead(at.column);
    else setCursor({ at, to: at, typing: { text, over } });
  };
  const last = Math.min(range.bottom, table.rules.length - 1);
  const count = Math.max(0, last - range.top + 1);
  const api = {
    insert: (below: boolean): void => {
      if (table.rules.length >= MAX_RULES) {
        onRefused(t('decision.too_many_rules', { most: MAX_RULES }));
        return;
      }
      const row = Math.min(table.rules.length, below ? range.bottom + 1 : range.top);
      change('rule', (each) => withRules(each, row, [emptyRule(each)]), { rule: row + 1 });
      go(put({ row, column: 0 }, { ...size, rules: size.rules + 1 }));
      focus();
    },
    duplicate: (): void => {
      const copies = table.rules.slice(range.top, last + 1);
      if (copies.length === 0 || table.rules.length + copies.length > MAX_RULES) return;
      change('duplicate', (each) => withRules(each, last + 1, copies), { count: copies.length });
      go(put({ row: last + 1, column: at.column }, { ...size, rules: size.rules + copies.length }));
      focus();
    },
    remove: (): void => {
      if (count === 0) return;
      change('remove', (each) => withoutRules(each, range.top, last), { count });
      go(put({ row: range.top, column: at.column }, { ...size, rules: size.rules - count }));
      focus();
    },
    move: (by: 1 | -1): void => {
      if (movedRules(table, range.top, range.bottom, by) === undefined) return;
      change('move', (each) => movedRules(each, range.top, range.bottom, by), { count });
      go({ at: { ...at, row: at.row + by }, to: { ...to, row: to.row + by }, typing: undefined });
      focus();
    },
    show: (place: Place): void => {
      go(put(place, size));
      focus();
      if (place.row < 0) setHead(place.column);
    },
    focus,
  };
  useImperativeHandle(ref, () => api);

  const handlers = useRef<RowHandlers>(undefined);
  useEffect(() => {
    handlers.current = {
      down: (row, column, stretch) => {
        focus();
        go(stretch ? stretched({ ...cursor, at }, { row, column }, size) : put({ row, column }, size));
      },
      over: (row, column) => {
        if (cursor.typing === undefined) setCursor(stretched({ ...cursor, at }, { row, column }, size));
      },
      open: (row, column) => {
        if (!readOnly) setCursor({ at: { row, column }, to: { row, column }, typing: { text: textAt(table, { row, column }), over: false } });
      },
      commit: (text, key, back) => {
        write(at, text);
        const grown = { ...size, rules: Math.max(size.rules, at.row + 1) };
        const typed = { at, to: at, typing: undefined };
        const next =
          key === '' ? at : key === 'Enter' ? { row: at.row + (back ? -1 : 1), column: at.column } : key === 'Tab' ? (tabbed(typed, back, grown) ?? at) : (led(typed, key, false, PAGE, grown, false) ?? at);
        if (key === '') setCursor((now) => ({ ...now, typing: undefined }));
        else go(put({ ...next, row: Math.max(0, next.row) }, grown));
        if (key !== '') focus();
      },
      cancel: () => {
        setCursor({ at, to: at, typing: undefined });
        focus();
      },
      whole: (row, stretch) => {
        setCursor({ at: { row: stretch ? at.row : row, column: 0 }, to: { row, column: size.columns - 1 }, typing: undefined });
        followed.setState(put({ row, column: 0 }, size));
        focus();
      },
    };
  });
  const rows = useMemo(
    (): RowHandlers => ({
      down: (...told) => handlers.current?.down(...told),
      over: (...told) => handlers.current?.over(...told),
      open: (...told) => handlers.current?.open(...told),
      commit: (...told) => handlers.current?.commit(...told),
      cancel: () => handlers.current?.cancel(),
      whole: (...told) => handlers.current?.whole(...told),
    }),
    [],
  );

  /** Keys with Ctrl; true when one did something. */
  const commanded = (event: KeyboardEvent): boolean => {
    switch (event.code) {
      case 'KeyZ':
        if (event.shiftKey) context.store.getState().redo();
        else context.store.getState().undo();
        return true;
      case 'KeyY':
        context.store.getState().redo();
        return true;
      case 'KeyA':
        setCursor({ at: { row: 0, column: 0 }, to: { row: Math.max(0, table.rules.length - 1), column: Math.max(0, size.columns - 1) }, typing: undefined });
        return true;
      case 'KeyD':
        if (!readOnly && many) change('fill', (each) => filledDown(each, range));
        return true;
      case 'Enter':
        if (!readOnly) api.insert(!event.shiftKey);
        return true;
      case 'Backspace':
      case 'Delete':
        if (!readOnly) api.remove();
        return true;
      default:
        return false;
    }
  };
  const press = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (!isOwn(event) || event.nativeEvent.isComposing) return;
    if (event.altKey) {
      const rules = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : undefined;
      const columns = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : undefined;
      if (rules === undefined && columns === undefined) return;
      event.preventDefault();
      if (readOnly) return;
      if (rules !== undefined) api.move(rules);
      if (columns !== undefined && movedColumn(table, at.column, columns) !== undefined) {
        change('move_column', (each) => movedColumn(each, at.column, columns), { column: columnName(table, at.column) });
        go(put({ ...at, column: at.column + columns }, size));
      }
      return;
    }
    const far = event.ctrlKey || event.metaKey;
    const place = led({ at, to, typing: undefined }, event.key, far, PAGE, size, event.shiftKey);
    if (place !== undefined) {
      event.preventDefault();
      go(event.shiftKey ? stretched({ at, to, typing: undefined }, place, size) : put(place, size));
    } else if (far) {
      if (commanded(event)) event.preventDefault();
    } else if (event.key === 'Tab') {
      const next = tabbed({ at, to, typing: undefined }, event.shiftKey, size);
      if (next === undefined) return;
      event.preventDefault();
      go(put(next, size));
    } else if (event.key === 'Enter' && at.row >= 0) {
      event.preventDefault();
      go(put({ row: Math.max(0, at.row + (event.shiftKey ? -1 : 1)), column: at.column }, size));
    } else if (event.key === 'F2' || event.key === 'Enter') {
      event.preventDefault();
      begin(textAt(table, at), false);
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      if (!readOnly && range.top < table.rules.length) change('clear', (each) => cleared(each, range));
    } else if (event.key === 'Escape' && many) {
      event.preventDefault();
      go({ at, to: at, typing: undefined });
    } else if (event.key.length === 1 && at.row >= 0) {
      event.preventDefault();
      begin(event.key, true);
    }
  };
  const copy = (event: ClipboardEvent): void => {
    if (!isOwn(event)) return;
    event.preventDefault();
    event.clipboardData.setData('text/plain', toTsv(table, { ...range, bottom: Math.max(range.top, last) }));
  };
  const paste = (event: ClipboardEvent): void => {
    if (!isOwn(event)) return;
    event.preventDefault();
    if (readOnly) return;
    const cells = pasted(range, fromTsv(event.clipboardData.getData('text/plain')));
    const width = Math.max(...cells.map((line) => line.length));
    if (range.left + width > size.columns) onRefused(t('decision.too_wide', { width, room: size.columns - range.left }));
    else if (range.top + cells.length > MAX_RULES) onRefused(t('decision.too_many_rules', { most: MAX_RULES }));
    else {
      change('paste', (each) => withTexts(each, { row: range.top, column: range.left }, cells), { rows: cells.length, columns: width });
      const grown = { ...size, rules: Math.max(size.rules, range.top + cells.length) };
      go(stretched(put({ row: range.top, column: range.left }, grown), { row: range.top + cells.length - 1, column: range.left + width - 1 }, grown));
    }
  };

  const template = { '--columns': size.columns } as React.CSSProperties;
  return (
    <div ref={box} className={classes.box}>
      <div
        ref={sheet}
        role="grid"
        tabIndex={0}
        className={classes.sheet}
        style={template}
        aria-label={t('decision.sheet', { title: node.title })}
        aria-rowcount={table.rules.length + 2}
        aria-colcount={size.columns + 1}
        aria-activedescendant={at.row >= 0 ? `${id}-${String(at.row)}-${String(at.column)}` : `${id}-head-${String(at.column)}`}
        aria-multiselectable
        data-autofocus
        data-testid="table-grid"
        onKeyDown={press}
        onCopy={copy}
        onCut={(event) => {
          copy(event);
          if (isOwn(event) && !readOnly && range.top < table.rules.length) change('clear', (each) => cleared(each, range));
        }}
        onPaste={paste}
      >
        <div role="row" aria-rowindex={1} className={classes.heads}>
          <div className={classes.corner} role="columnheader" aria-label={t('decision.number')} />
          {Array.from({ length: size.columns }, (_, column) => (
            <ColumnHead
              key={column}
              id={`${id}-head-${String(column)}`}
              node={node}
              column={column}
              at={at.row < 0 && at.column === column}
              opened={head === column}
              onOpen={openHead}
            />
          ))}
        </div>
        <div className={classes.rows} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => (
            <TableRow
              key={item.index}
              id={id}
              table={table}
              row={item.index}
              top={item.start}
              at={at.row === item.index ? at.column : undefined}
              selected={many && item.index >= range.top && item.index <= range.bottom ? { left: range.left, right: range.right } : undefined}
              typing={at.row === item.index ? cursor.typing : undefined}
              problems={problems.get(item.index)}
              hit={tries.opened ? tries.hits.get(item.index) : undefined}
              handlers={rows}
            />
          ))}
        </div>
        {tries.opened && <TryRow table={table} tries={tries} />}
      </div>
    </div>
  );
}
