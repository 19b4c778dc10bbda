// The keyboard: actions by key position, the browser's own copy, cut and paste for the clipboard. Keys that are typed into
// a field belong to the field.

import { useEffect } from 'react';
import { tinykeys } from 'tinykeys';

import type { DesignerContext } from '../model/context';
import { copySelection, cutSelection, pasteText } from '../model/edit-actions';
import { ACTIONS } from '../model/registry';

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function inDialog(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('[role="dialog"], [role="menu"], [role="listbox"]') !== null;
}

/** Enter, arrows and Escape mean something else on a button, a tab or a tree. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, a, [role="tab"], [role="option"], [role="button"]') !== null && target.closest('.react-flow__node') === null;
}

const EVERYWHERE = new Set(['save', 'publish']);
const NOT_ON_CONTROLS = new Set(['open', 'walk_left', 'walk_right', 'walk_up', 'walk_down']);

export function useShortcuts(context: DesignerContext): void {
  useEffect(() => {
    const bindings: Record<string, (event: KeyboardEvent) => void> = {};
    for (const action of ACTIONS) {
      if (action.native === true) continue;
      for (const keys of action.keys) {
        bindings[keys] = (event) => {
          if (event.defaultPrevented || event.isComposing || inDialog(event.target)) return;
          if (isField(event.target) && !EVERYWHERE.has(action.id)) return;
          if (NOT_ON_CONTROLS.has(action.id) && isControl(event.target)) return;
          if (!action.enabled(context)) return;
          event.preventDefault();
          action.run(context);
        };
      }
    }
    return tinykeys(window, bindings);
  }, [context]);

  useEffect(() => {
    const onCopy = (event: ClipboardEvent, take: (context: DesignerContext) => string | undefined): void => {
      if (isField(event.target) || inDialog(event.target) || window.getSelection()?.isCollapsed === false) return;
      const text = take(context);
      if (text === undefined) return;
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
    };
    const copy = (event: ClipboardEvent): void => {
      onCopy(event, copySelection);
    };
    const cut = (event: ClipboardEvent): void => {
      if (!context.readOnly) onCopy(event, cutSelection);
    };
    const paste = (event: ClipboardEvent): void => {
      if (isField(event.target) || inDialog(event.target)) return;
      if (pasteText(context, event.clipboardData?.getData('text/plain') ?? '')) event.preventDefault();
    };
    document.addEventListener('copy', copy);
    document.addEventListener('cut', cut);
    document.addEventListener('paste', paste);
    return () => {
      document.removeEventListener('copy', copy);
      document.removeEventListener('cut', cut);
      document.removeEventListener('paste', paste);
    };
  }, [context]);
}
