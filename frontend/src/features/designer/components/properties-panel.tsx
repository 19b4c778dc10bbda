// The right side: what is selected, as a form. It stands beside the canvas, never over it.

import { useLayoutEffect, useRef, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { edgeById, nodeById } from '@/shared/graph/query';
import { frameById, noteById } from '@/shared/graph/remarks';

import { useDesigner, useDocument, useSession, useUi } from '../hooks/designer-context';
import { selectedRef } from '../model/selection';
import { EdgePanel } from '../panel/edge-panel';
import { FramePanel } from '../panel/frame-panel';
import { ManyPanel } from '../panel/many-panel';
import { NodePanel } from '../panel/node-panel';
import { NotePanel } from '../panel/note-panel';
import { OverviewPanel } from '../panel/overview-panel';
import classes from './properties-panel.module.css';

// What is typed into comes before the buttons beside it.
const FOCUSABLE = ['input:not([type="hidden"]):not([disabled]), textarea:not([disabled]), [contenteditable="true"]', 'button:not([disabled])'];

const FOCUS_TRIES = 12;

function focusableIn(element: HTMLElement): HTMLElement | null {
  for (const selector of FOCUSABLE) {
    const found = element.matches(selector) ? element : element.querySelector<HTMLElement>(selector);
    if (found !== null) return found;
  }
  return null;
}

/** The element of a field, or of the nearest field around it. */
function fieldElement(root: HTMLElement, field: string): HTMLElement | null {
  for (let path = field; path !== ''; path = path.slice(0, path.lastIndexOf('/'))) {
    const found = root.querySelector<HTMLElement>(`[data-field="${CSS.escape(path)}"]`);
    if (found !== null) return found;
  }
  return null;
}

function useFieldFocus(root: React.RefObject<HTMLElement | null>): void {
  const focus = useUi((state) => state.focus);
  const selection = useDesigner((state) => state.selection);
  const done = useRef(0);
  useLayoutEffect(() => {
    if (focus === undefined || focus.turn === done.current || root.current === null) return;
    const panel = root.current;
    const give = (last: boolean): boolean => {
      const field = focus.field === '' ? undefined : fieldElement(panel, focus.field);
      const target = field === null && !last ? null : focusableIn(field ?? panel.querySelector<HTMLElement>('[data-panel-body]') ?? panel);
      if (target === null) return false;
      done.current = focus.turn;
      target.scrollIntoView({ block: 'center' });
      target.focus();
      if (target instanceof HTMLTextAreaElement && focus.field === '/title') target.select();
      return true;
    };
    // What is there takes the keyboard before the next key; editors of a tab that just opened need a moment to appear.
    if (give(false)) return;
    let frame = 0;
    let tries = 0;
    const again = (): void => {
      tries++;
      if (!give(tries > FOCUS_TRIES) && tries <= FOCUS_TRIES) frame = requestAnimationFrame(again);
    };
    frame = requestAnimationFrame(again);
    return () => {
      cancelAnimationFrame(frame);
    };
  }, [focus, selection, root]);
}

export function PropertiesPanel() {
  const { t } = useTranslation('designer');
  const root = useRef<HTMLElement>(null);
  const { context } = useSession();
  useFieldFocus(root);
  /** Escape gives the keyboard back to what the panel shows, where it stands. */
  const back = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    const target = selectedRef(context);
    if (target === undefined) return;
    event.preventDefault();
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    context.canvas()?.show(target, { focus: true });
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- listens for Escape that bubbles from the fields inside
    <aside ref={root} className={classes.panel} aria-label={t('panel.label')} data-testid="properties" data-tour="properties" onKeyDown={back}>
      <Selected />
    </aside>
  );
}

function Selected() {
  const doc = useDocument();
  const selection = useDesigner((state) => state.selection);
  const { nodes, edges, notes = [], frames = [] } = selection;
  if (nodes.length + edges.length + notes.length + frames.length > 1) return <ManyPanel />;
  const note = noteById(doc, notes[0]);
  if (note !== undefined) return <NotePanel key={note.id} note={note} />;
  const frame = frameById(doc, frames[0]);
  if (frame !== undefined) return <FramePanel key={frame.id} frame={frame} />;
  const node = nodeById(doc, nodes[0]);
  if (node !== undefined) return <NodePanel key={node.id} node={node} />;
  const edge = edgeById(doc, edges[0]);
  return edge === undefined ? <OverviewPanel /> : <EdgePanel key={edge.id} edge={edge} />;
}
