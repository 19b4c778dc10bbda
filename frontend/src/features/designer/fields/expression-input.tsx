// One line of an expression. The editor is fetched once the page is there; whoever is quicker types into a plain field,
// and goes on in the editor.

import { useEffect, useRef, useState, type ComponentType } from 'react';

import type { Name } from '../model/scope';
import classes from './expression-input.module.css';

export interface ExpressionInputProps {
  /** The source without "=". */
  value: string;
  onChange: (source: string) => void;
  onBlur: () => void;
  scope: () => Name[];
  label: string;
  placeholder?: string;
  invalid?: boolean;
  readOnly?: boolean;
  /** It takes the keyboard as it appears. */
  autoFocus?: boolean;
}

type Editor = ComponentType<Omit<ExpressionInputProps, 'invalid'>>;

let fetched: Editor | undefined;

/** Fetches the editor, so that the first field has it at once. */
export async function fetchExpressionEditor(): Promise<Editor> {
  fetched ??= (await import('./expression-editor')).ExpressionEditor;
  return fetched;
}

export function ExpressionInput({ invalid = false, ...props }: ExpressionInputProps) {
  const [Editor, setEditor] = useState(() => fetched);
  const plain = useRef<HTMLInputElement>(null);
  const [typing, setTyping] = useState(false);
  useEffect(() => {
    if (Editor !== undefined) return;
    let current = true;
    void fetchExpressionEditor().then((editor) => {
      if (!current) return;
      setTyping(plain.current !== null && document.activeElement === plain.current);
      setEditor(() => editor);
    });
    return () => {
      current = false;
    };
  }, [Editor]);
  const { value, onChange, onBlur, label, placeholder, readOnly, autoFocus = false } = props;
  return (
    <div className={classes.input} data-invalid={invalid ? 'true' : undefined} data-expression>
      <span className={classes.equals} aria-hidden>
        =
      </span>
      {Editor === undefined ? (
        <input
          ref={plain}
          className={classes.plain}
          aria-label={label}
          value={value}
          placeholder={placeholder}
          readOnly={readOnly}
          autoFocus={autoFocus}
          onChange={(event) => {
            onChange(event.currentTarget.value);
          }}
          onBlur={onBlur}
        />
      ) : (
        <Editor {...props} autoFocus={autoFocus || typing} />
      )}
    </div>
  );
}
