// The looks of expressions, from the theme's own colours.

import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export const expressionColours = HighlightStyle.define([
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--tk-ok)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--tk-wait-text)' },
  { tag: [tags.keyword, tags.operatorKeyword, tags.function(tags.variableName)], color: 'var(--tk-accent)' },
  { tag: [tags.operator, tags.punctuation], color: 'var(--tk-muted)' },
]);

export const expressionTheme = EditorView.theme({
  '&': { fontSize: '12px', backgroundColor: 'transparent', color: 'var(--tk-ink)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-content': { padding: '7px 0', fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '18px', caretColor: 'var(--tk-ink)' },
  '.cm-line': { padding: '0 8px 0 0' },
  '.cm-cursor': { borderLeftColor: 'var(--tk-ink)' },
  '.cm-placeholder': { color: 'var(--tk-muted)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'color-mix(in srgb, var(--tk-accent) 22%, transparent)' },
  '.cm-tooltip.cm-tooltip-autocomplete': {
    border: '1px solid var(--tk-line)',
    borderRadius: '8px',
    backgroundColor: 'var(--tk-panel)',
    color: 'var(--tk-ink)',
    boxShadow: '0 8px 24px rgb(15 23 42 / 0.16)',
    overflow: 'hidden',
    zIndex: '400',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '12px', maxHeight: '220px', padding: '4px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 8px', borderRadius: '5px', lineHeight: '18px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--tk-accent-bg)', color: 'var(--tk-ink)' },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--tk-accent)', fontWeight: '600' },
  '.cm-completionValue': { color: 'var(--tk-ok)', marginLeft: '12px', maxWidth: '220px', display: 'inline-block', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', verticalAlign: 'bottom' },
  '.cm-completionDetail': { color: 'var(--tk-muted)', fontStyle: 'normal', marginLeft: '12px', fontFamily: 'var(--mantine-font-family)' },
});
