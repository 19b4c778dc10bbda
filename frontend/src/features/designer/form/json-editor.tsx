// A JSON text with its problems at their places: what can't be read, and what the server says of what can.

import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, indentOnInput, syntaxHighlighting, syntaxTree } from '@codemirror/language';
import { setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useEffectEvent, useRef } from 'react';

import { expressionColours, expressionTheme } from '../fields/expression-theme';

export interface JsonComplaint {
  /** JSON pointer into the text; undefined: where it can't be read. */
  pointer: string | undefined;
  message: string;
  severity: 'error' | 'warning';
}

interface JsonEditorProps {
  value: string;
  label: string;
  readOnly: boolean;
  complaints: readonly JsonComplaint[];
  /** Where the cursor begins, as a JSON pointer. */
  start?: string;
  onChange: (text: string) => void;
  onBlur: () => void;
}

/** The range of what a JSON pointer leads to, or of the nearest thing around it. */
export function rangeOfPointer(state: EditorState, pointer: string): { from: number; to: number } {
  let node = syntaxTree(state).topNode.firstChild;
  for (const raw of pointer.split('/').slice(1)) {
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    const inner = node === null ? null : node.name === 'Array' ? entry(node, Number(step)) : member(state, node, step);
    if (inner === null) break;
    node = inner;
  }
  return node === null ? { from: 0, to: 0 } : { from: node.from, to: node.to };
}

type SyntaxNode = NonNullable<ReturnType<typeof syntaxTree>['topNode']['firstChild']>;

function member(state: EditorState, object: SyntaxNode, name: string): SyntaxNode | null {
  for (const property of object.getChildren('Property')) {
    const key = property.getChild('PropertyName');
    if (key !== null && state.sliceDoc(key.from, key.to) === JSON.stringify(name)) return property.lastChild;
  }
  return null;
}

function entry(list: SyntaxNode, index: number): SyntaxNode | null {
  let at = 0;
  for (let child = list.firstChild; child !== null; child = child.nextSibling) {
    if (child.name === '[' || child.name === ']' || child.name === ',') continue;
    if (at === index) return child;
    at++;
  }
  return null;
}

function unread(state: EditorState): { from: number; to: number } {
  let found: { from: number; to: number } | undefined;
  syntaxTree(state).iterate({
    enter: (node) => {
      if (found === undefined && node.type.isError) found = { from: node.from, to: Math.max(node.to, Math.min(node.from + 1, state.doc.length)) };
    },
  });
  return found ?? { from: 0, to: Math.min(1, state.doc.length) };
}

export function JsonEditor({ value, label, readOnly, complaints, start, onChange, onBlur }: JsonEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const changed = useEffectEvent(onChange);
  const blurred = useEffectEvent(onBlur);
  const initial = useEffectEvent(() => ({ value, start }));
  useEffect(() => {
    if (host.current === null) return;
    const begun = initial();
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: begun.value,
        extensions: [
          lineNumbers(),
          history(),
          json(),
          bracketMatching(),
          indentOnInput(),
          syntaxHighlighting(expressionColours),
          expressionTheme,
          EditorView.theme({
            '&': { height: '100%' },
            '.cm-scroller': { overflow: 'auto' },
            '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--tk-muted)', border: 'none' },
            '.cm-lineNumbers .cm-gutterElement': { padding: '0 10px 0 14px' },
            '.cm-tooltip': { backgroundColor: 'var(--tk-panel)', color: 'var(--tk-ink)', border: '1px solid var(--tk-line)', borderRadius: '8px' },
          }),
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
          EditorState.readOnly.of(readOnly),
          EditorState.tabSize.of(2),
          keymap.of([...historyKeymap, ...defaultKeymap, indentWithTab]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
            if (update.focusChanged && !update.view.hasFocus) blurred();
          }),
        ],
      }),
    });
    view.current = editor;
    if (begun.start !== undefined) {
      const { from, to } = rangeOfPointer(editor.state, begun.start);
      editor.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
    }
    return () => {
      editor.destroy();
      view.current = undefined;
    };
  }, [label, readOnly]);
  useEffect(() => {
    const editor = view.current;
    if (editor === undefined) return;
    const diagnostics = complaints.map(({ pointer, message, severity }): Diagnostic => ({ ...(pointer === undefined ? unread(editor.state) : rangeOfPointer(editor.state, pointer)), message, severity }));
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [complaints, value]);
  return <div ref={host} style={{ height: '100%' }} data-json-editor />;
}
