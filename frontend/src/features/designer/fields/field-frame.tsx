// What surrounds every field: its name, the fx switch, what it is for, what is wrong with it.

import { Tooltip } from '@mantine/core';
import { useState, type DragEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { useProblems } from '../hooks/designer-context';
import { problemText } from '../model/problem-text';
import { problemsOfField } from '../model/problems';
import classes from './field-frame.module.css';

export interface Owner {
  node?: string;
  edge?: string;
}

export interface FieldFrameProps {
  /** JSON pointer inside the node or edge. */
  field: string;
  owner: Owner;
  label: string;
  /** In place of the label's text: a name that can be edited. */
  labelNode?: ReactNode;
  required?: boolean;
  description?: string | undefined;
  /** The fx switch: absent where only one way of writing makes sense. */
  fx?: { on: boolean; toggle: () => void } | undefined;
  actions?: ReactNode;
  /** Takes a name that is dragged from the variables, and where in the text of an input. */
  onName?: ((name: string, at: number | undefined) => void) | undefined;
  /** What is wrong further inside is told there. */
  own?: boolean;
  children: ReactNode;
}

/** Of a name that is dragged from the variables. */
export const VARIABLE_TYPE = 'application/x-taskurotta-variable';

/** Where people write in a text, once they were there. */
function caretOf(target: EventTarget): number | undefined {
  const text = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target : undefined;
  return text !== undefined && text === document.activeElement ? (text.selectionStart ?? undefined) : undefined;
}

export function FieldFrame({ field, owner, label, labelNode, required = false, description, fx, actions, own = false, onName, children }: FieldFrameProps) {
  const { t } = useTranslation(['designer', 'problems']);
  const [over, setOver] = useState(false);
  // The innermost field takes it.
  const takes = (event: DragEvent): boolean =>
    onName !== undefined && event.dataTransfer.types.includes(VARIABLE_TYPE) && event.target instanceof Element && event.target.closest('[data-field]') === event.currentTarget;
  const problems = problemsOfField(useProblems(), owner, field).filter((problem) => !own || problem.field === field);
  return (
    <div
      className={classes.field}
      data-field={field}
      data-over={over || undefined}
      onDragOver={(event) => {
        if (!takes(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        setOver(true);
      }}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        if (!takes(event)) return;
        event.preventDefault();
        onName?.(event.dataTransfer.getData(VARIABLE_TYPE), caretOf(event.target));
      }}
    >
      <div className={classes.head}>
        {labelNode ?? (
          <span className={classes.label} title={label}>
            {label}
            {required && <span className={classes.star}> *</span>}
          </span>
        )}
        {fx !== undefined && (
          <Tooltip label={fx.on ? t('field.fx_off') : t('field.fx_on')}>
            <button type="button" className={classes.fx} aria-label={t('field.fx', { label })} aria-pressed={fx.on} tabIndex={-1} onClick={fx.toggle}>
              fx
            </button>
          </Tooltip>
        )}
        {actions}
      </div>
      {children}
      {description !== undefined && description !== '' && <p className={classes.description}>{description}</p>}
      {problems.map((problem) => (
        <p key={problem.id} className={classes.problem} data-severity={problem.severity}>
          {problemText(t, problem)}
        </p>
      ))}
    </div>
  );
}
