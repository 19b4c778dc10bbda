// What of the process page is in the URL: a copied link opens the same task, attempt and tab.

export const dockTabs = ['timeline', 'events', 'audit'] as const;
export type DockTab = (typeof dockTabs)[number];

export interface ProcessSearch {
  /** The selected task. */
  task?: string;
  /** The called process that is selected, or whose task is. */
  of?: string;
  /** The selected node, when it has no task yet. */
  node?: string;
  /** The epoch of the selected attempt: it is unique in its task, numbers begin anew after a retry. */
  attempt?: number;
  tab?: DockTab;
  /** Only what went wrong, in the tree. */
  errors?: boolean;
  /** A newcomer was led here. */
  guide?: boolean;
}

export function parseProcessSearch(search: Record<string, unknown>): ProcessSearch {
  const parsed: ProcessSearch = {};
  if (typeof search.task === 'string') parsed.task = search.task;
  if (typeof search.of === 'string') parsed.of = search.of;
  if (typeof search.node === 'string') parsed.node = search.node;
  if (typeof search.attempt === 'number' && Number.isInteger(search.attempt)) parsed.attempt = search.attempt;
  const tab = dockTabs.find((name) => name === search.tab);
  if (tab) parsed.tab = tab;
  if (search.errors === true) parsed.errors = true;
  if (search.guide === true) parsed.guide = true;
  return parsed;
}
