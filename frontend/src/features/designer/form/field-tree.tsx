// The fields of a form in their order: chosen, moved by dragging or with Alt and an arrow, taken away.

import { ActionIcon, Tooltip } from '@mantine/core';
import {
  IconAlignLeft, IconAt, IconBraces, IconCalendar, IconCalendarTime, IconChecks, IconCircleDot, IconCoins, IconFile, IconFiles, IconForms, IconGripVertical, IconHash, IconLetterT, IconList, IconPlus, IconToggleRight,
  type TablerIcon,
} from '@tabler/icons-react';
import { useRef, useState, type DragEvent, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { titleOf } from '@/shared/schema-form/schema';

import type { Problem } from '../model/problems';
import { holderIn, pointerOf, type FieldKind, type Inside } from '../model/form-schema';
import type { FormRow } from './form-rows';
import classes from './form.module.css';

const ICONS: Readonly<Record<FieldKind, TablerIcon>> = {
  text: IconLetterT, long_text: IconAlignLeft, number: IconHash, integer: IconHash, decimal: IconCoins, boolean: IconToggleRight, date: IconCalendar,
  datetime: IconCalendarTime, email: IconAt, choice: IconCircleDot, choices: IconChecks, file: IconFile, files: IconFiles, list: IconList, object: IconForms,
  custom: IconBraces,
};

export function KindIcon({ kind, size = 15 }: { kind: FieldKind; size?: number }) {
  const Icon = ICONS[kind];
  return <Icon size={size} stroke={1.7} aria-hidden />;
}

interface FieldTreeProps {
  rows: readonly FormRow[];
  selected: Inside | undefined;
  problems: (path: Inside) => Problem | undefined;
  readOnly: boolean;
  onSelect: (path: Inside) => void;
  /** Moves a field among those of its owner. */
  onMove: (row: FormRow, to: number) => void;
  onRemove: (row: FormRow) => void;
  onAdd: (owner: Inside) => void;
}

interface Drop {
  pointer: string;
  after: boolean;
}

export function FieldTree({ rows, selected, problems, readOnly, onSelect, onMove, onRemove, onAdd }: FieldTreeProps) {
  const { t, i18n } = useTranslation('designer');
  const list = useRef<HTMLUListElement>(null);
  const [dragged, setDragged] = useState<FormRow>();
  const [drop, setDrop] = useState<Drop>();
  const chosen = selected === undefined ? undefined : pointerOf(selected);

  const focusRow = (pointer: string): void => {
    // The row may have to be drawn at its new place first.
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(pointer)}"]`)?.focus());
  };
  const press = (event: KeyboardEvent, row: FormRow): void => {
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (step !== 0 && event.altKey) {
      event.preventDefault();
      const to = row.index + step;
      if (readOnly || to < 0 || to >= row.count) return;
      onMove(row, to);
      focusRow(pointerOf(row.path));
    } else if (step !== 0) {
      event.preventDefault();
      const next = rows[rows.indexOf(row) + step];
      if (next !== undefined) focusRow(pointerOf(next.path));
    } else if (event.key === 'Delete' && !readOnly) {
      event.preventDefault();
      const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
      onRemove(row);
      if (next !== undefined) focusRow(pointerOf(next.path));
    }
  };
  const over = (event: DragEvent, row: FormRow): void => {
    if (dragged === undefined || pointerOf(dragged.owner) !== pointerOf(row.owner)) return;
    event.preventDefault();
    const box = event.currentTarget.getBoundingClientRect();
    setDrop({ pointer: pointerOf(row.path), after: event.clientY > box.top + box.height / 2 });
  };
  const put = (event: DragEvent, row: FormRow): void => {
    event.preventDefault();
    if (dragged !== undefined && drop !== undefined) {
      const gap = row.index + (drop.after ? 1 : 0);
      onMove(dragged, gap > dragged.index ? gap - 1 : gap);
    }
    setDragged(undefined);
    setDrop(undefined);
  };
  return (
    <ul ref={list} className={classes.tree} aria-label={t('form.fields')}>
      {rows.map((row) => {
        const pointer = pointerOf(row.path);
        const problem = problems(row.path);
        const holder = holderIn(row.field);
        return (
          <li
            key={pointer}
            className={classes.item}
            style={{ paddingLeft: row.depth * 18 }}
            draggable={!readOnly}
            data-drop={drop?.pointer === pointer ? (drop.after ? 'after' : 'before') : undefined}
            data-dragged={dragged === row || undefined}
            onDragStart={(event) => {
              event.dataTransfer.effectAllowed = 'move';
              event.dataTransfer.setData('text/plain', row.field.name);
              setDragged(row);
            }}
            onDragOver={(event) => {
              over(event, row);
            }}
            onDrop={(event) => {
              put(event, row);
            }}
            onDragEnd={() => {
              setDragged(undefined);
              setDrop(undefined);
            }}
          >
            {!readOnly && <IconGripVertical size={14} className={classes.grip} aria-hidden />}
            <button
              type="button"
              className={classes.line}
              data-path={pointer}
              data-testid={`form-field-${row.field.name}`}
              aria-current={chosen === pointer || undefined}
              data-problem={problem?.severity}
              onClick={() => {
                onSelect(row.path);
              }}
              onFocus={() => {
                onSelect(row.path);
              }}
              onKeyDown={(event) => {
                press(event, row);
              }}
            >
              <span className={classes.kind}>
                <KindIcon kind={row.field.kind} />
              </span>
              <span className={classes.lineText}>
                <span className={classes.lineTitle}>
                  {titleOf(row.field.schema, row.field.name, i18n.language)}
                  {row.field.required && <span className={classes.star}> *</span>}
                </span>
                <span className={classes.lineSub}>
                  {t(`input_kind.${row.field.kind}`)} · {row.field.name}
                </span>
              </span>
            </button>
            {holder !== undefined && !readOnly && (
              <Tooltip label={t('form.add_inside')}>
                <ActionIcon
                  size={24}
                  aria-label={t('form.add_inside_of', { field: row.field.name })}
                  onClick={() => {
                    onAdd([...row.path, ...holder]);
                  }}
                >
                  <IconPlus size={14} />
                </ActionIcon>
              </Tooltip>
            )}
          </li>
        );
      })}
    </ul>
  );
}
