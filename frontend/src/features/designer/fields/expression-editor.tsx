// The editor of an expression, which comes after the page: one line with completion of the names in scope. Undo inside it is its own.

import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap, completionStatus, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { javascriptLanguage } from '@codemirror/lang-javascript';
import { bracketMatching, syntaxHighlighting } from '@codemirror/language';
import { Annotation, EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap, placeholder as placeholderText, tooltips } from '@codemirror/view';
import { useEffect, useEffectEvent, useLayoutEffect, useRef } from 'react';

import { useSession } from '../hooks/designer-context';
import { complete, type Offer } from '../model/completion';
import type { Name } from '../model/scope';
import classes from './expression-input.module.css';
import type { ExpressionInputProps } from './expression-input';
import { expressionColours, expressionTheme } from './expression-theme';

const External = Annotation.define<boolean>();

interface ValuedCompletion extends Completion {
  /** In the last run. */
  value?: string;
}

function lastValue(completion: ValuedCompletion): Node | null {
  if (completion.value === undefined) return null;
  const shown = document.createElement('span');
  shown.className = 'cm-completionValue';
  shown.textContent = completion.value;
  return shown;
}

const OFFER_TYPES: Readonly<Record<Offer['kind'], string>> = { name: 'property', function: 'function', keyword: 'keyword' };

function offersFor(context: CompletionContext, scope: () => Name[]): CompletionResult | null {
  const source = context.state.doc.toString();
  const found = complete(source, context.pos, scope());
  if (found === undefined || found.offers.length === 0) return null;
  // Right after a dot or at the first letter of a word; not after every space.
  const typed = source.slice(found.from, context.pos);
  if (!context.explicit && typed === '' && !source.slice(0, context.pos).endsWith(".")) return null;
  return {
    from: found.from,
    options: found.offers.map((offer): ValuedCompletion => ({
      label: offer.label,
      detail: offer.detail,
      ...(offer.value !== undefined && { value: offer.value }),
      type: OFFER_TYPES[offer.kind],
      boost: offer.kind === 'name' ? 10 : 0,
    })),
    validFor: /^[\p{L}\p{N}_$]*$/u,
  };
}

export function ExpressionEditor({ value, onChange, onBlur, scope, label, placeholder = '', readOnly = false, autoFocus = false }: Omit<ExpressionInputProps, 'invalid'>) {
  const { context } = useSession();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const changed = useEffectEvent(onChange);
  const blurred = useEffectEvent(onBlur);
  const names = useEffectEvent(() => scope());
  const initial = useEffectEvent(() => value);
  const focuses = useEffectEvent(() => autoFocus);

  // Before the next key: what is typed goes on in the editor when it takes over from the plain field.
  useLayoutEffect(() => {
    if (host.current === null) return;
    const target = {
      insert: (text: string): void => {
        const { from, to } = editor.state.selection.main;
        // A name that is half typed is what the whole name stands for.
        const [half = ''] = /[\p{L}\p{N}_$.]*$/u.exec(editor.state.sliceDoc(0, from)) ?? [];
        const begin = text.startsWith(half) ? from - half.length : from;
        editor.dispatch({ changes: { from: begin, to, insert: text }, selection: { anchor: begin + text.length }, userEvent: 'input' });
        editor.focus();
      },
    };
    const editor: EditorView = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: initial(),
        extensions: [
          history(),
          closeBrackets(),
          bracketMatching(),
          javascriptLanguage,
          syntaxHighlighting(expressionColours),
          expressionTheme,
          tooltips({ parent: document.body, position: 'fixed' }),
          autocompletion({ override: [(context) => offersFor(context, names)], icons: false, maxRenderedOptions: 60, addToOptions: [{ render: lastValue, position: 90 }], defaultKeymap: false }),
          placeholderText(placeholder),
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
          EditorState.readOnly.of(readOnly),
          EditorView.lineWrapping,
          // A line break that is pasted becomes a space: the field is one line, however long.
          EditorState.transactionFilter.of((transaction) => {
            if (transaction.newDoc.lines === 1) return transaction;
            const text = transaction.newDoc.toString().replaceAll(/\s*\n\s*/g, ' ');
            return [{ changes: { from: 0, to: transaction.startState.doc.length, insert: text }, selection: { anchor: Math.min(text.length, transaction.newSelection.main.head) } }];
          }),
          Prec.highest(
            keymap.of([
              { key: 'Tab', run: acceptCompletion },
              { key: 'Enter', run: (target) => completionStatus(target.state) !== 'active' || !acceptCompletion(target) },
              // A list that is not there yet needs no key of its own to go away: Escape leaves the field.
              { key: 'Escape', run: (target) => completionStatus(target.state) === 'pending' && closeCompletion(target) && false },
            ]),
          ),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !update.transactions.some((transaction) => transaction.annotation(External) === true)) changed(update.state.doc.toString());
            if (update.focusChanged && update.view.hasFocus) context.ui.setState({ expression: target });
            if (update.focusChanged && !update.view.hasFocus) blurred();
          }),
        ],
      }),
    });
    view.current = editor;
    if (focuses()) {
      editor.dispatch({ selection: { anchor: editor.state.doc.length } });
      editor.focus();
    }
    return () => {
      editor.destroy();
      view.current = undefined;
      if (context.ui.getState().expression === target) context.ui.setState({ expression: undefined });
    };
  }, [context, label, placeholder, readOnly]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value }, annotations: External.of(true) });
  }, [value]);

  return <div ref={host} className={classes.host} />;
}
