// What is open on the designer's page: dialogs, the dock, which field is to be focused. Gone with the page.

import { createStore, type StoreApi } from 'zustand/vanilla';

import type { CanvasTarget } from '@/shared/canvas/canvas-context';
import type { Point } from '@/shared/graph/types';
import { WHOLE, type View } from '@/shared/graph/view';

/** Where the next inserted node goes. */
export type InsertTarget =
  | { where: 'after'; node: string }
  | { where: 'before'; node: string }
  | { where: 'above'; node: string }
  | { where: 'below'; node: string }
  | { where: 'border'; node: string }
  | { where: 'replace'; node: string }
  | { where: 'edge'; edge: string }
  | { where: 'end'; from?: string; to?: string; at: Point }
  | { where: 'point'; at: Point };

export type PanelTab = 'parameters' | 'errors' | 'list' | 'test' | 'docs' | 'json';

export interface FieldFocus {
  /** JSON pointer inside the node or edge, "/service/input/file"; empty for the title. */
  field: string;
  /** Counts, so that the same field can be focused again. */
  turn: number;
}

export interface UiState {
  insert: InsertTarget | undefined;
  /** A flow is being chosen from here, or to here. */
  connect: { from: string } | { to: string } | undefined;
  dialog: 'publish' | 'test' | 'help' | 'conflict' | 'commands' | 'find' | 'import' | undefined;
  /** A file that was dropped on the canvas, for the import dialog. */
  incoming: File | undefined;
  versions: boolean;
  dock: boolean;
  tab: PanelTab;
  focus: FieldFocus | undefined;
  menu: ({ at: Point } & CanvasTarget) | undefined;
  view: View;
  /** The problem that was last gone to. */
  problem: string | undefined;
  /** The problem whose path is shown on the canvas, and how many of its flows are taken. */
  tracing: { problem: string; step: number } | undefined;
  /** The step of the tour for newcomers. */
  tour: number | undefined;
  /** The list of names that the selected step can read is open. */
  variables: boolean;
  /** The expression that had the keyboard last, while it is there. */
  expression: { insert: (text: string) => void } | undefined;
  /** The decision table that is open as a sheet, and the place in it to begin at: "/decision/rules/3/when/1". */
  table: { node: string; field: string } | undefined;
  /** The form that is open in the builder, and the place in it to begin at: "/user/form/properties/name". */
  form: { node: string; field: string } | undefined;
  /** Places change by an action: cards glide there. */
  settling: boolean;
}

export type UiStore = StoreApi<UiState>;

export function createUiStore(view: View = WHOLE): UiStore {
  return createStore<UiState>()(() => ({
    insert: undefined,
    connect: undefined,
    dialog: undefined,
    incoming: undefined,
    versions: false,
    dock: false,
    tab: 'parameters',
    focus: undefined,
    menu: undefined,
    view,
    problem: undefined,
    tracing: undefined,
    tour: undefined,
    variables: false,
    expression: undefined,
    table: undefined,
    form: undefined,
    settling: false,
  }));
}

const FIELD_TABS: readonly [prefix: string, tab: PanelTab][] = [
  ['/service/retry', 'errors'],
  ['/service/timeouts', 'errors'],
  ['/doc', 'docs'],
];

/** Opens the tab that holds a field and asks it to take the focus. */
export function focusField(ui: UiStore, field: string): void {
  const tab = FIELD_TABS.find(([prefix]) => field.startsWith(prefix))?.[1] ?? 'parameters';
  ui.setState((state) => ({ tab, focus: { field, turn: (state.focus?.turn ?? 0) + 1 } }));
}
