// One registry of everything a person can do: it feeds the keyboard, the menus, the help sheet and the undo labels.

import type { DesignerContext } from './context';

export type ActionGroup = 'history' | 'edit' | 'insert' | 'arrange' | 'walk' | 'view' | 'document';

export interface Action {
  id: string;
  group: ActionGroup;
  /** Keys by their place on the keyboard ("$mod+KeyZ"), so that every layout works; the first one is shown. */
  keys: readonly string[];
  /** "step" makes an entry of the history, "none" changes no document. */
  undo: 'step' | 'none';
  /** The browser's own copy, cut and paste events run it; its keys are only shown. */
  native?: boolean;
  enabled: (context: DesignerContext) => boolean;
  run: (context: DesignerContext) => void;
}

const MAC = /mac|iphone|ipad/i.test(globalThis.navigator.userAgent);

const NAMES: Readonly<Record<string, string>> = {
  $mod: MAC ? '⌘' : 'Ctrl',
  Shift: MAC ? '⇧' : 'Shift',
  Alt: MAC ? '⌥' : 'Alt',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Delete: 'Del',
  Backspace: '⌫',
  Escape: 'Esc',
  Slash: '?',
  Equal: '+',
  Minus: '−',
};

/** "$mod+KeyZ" as people read it: ["Ctrl", "Z"]. */
export function keyNames(keys: string): string[] {
  return keys.split('+').map((key) => NAMES[key] ?? key.replace(/^(Key|Digit)/, ''));
}
