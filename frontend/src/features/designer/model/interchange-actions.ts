// Actions that bring files in and out.

import type { Action } from './action';

export type ExportFormat = 'bpmn' | 'json' | 'svg' | 'png';

function exportAs(format: ExportFormat, keys: readonly string[], drawn: boolean): Action {
  return {
    id: `export_${format}`,
    group: 'document',
    keys,
    undo: 'none',
    enabled: (context) => {
      const { doc } = context.store.getState();
      return !drawn || doc.nodes.length + (doc.notes?.length ?? 0) > 0;
    },
    run: (context) => {
      context.exportAs(format);
    },
  };
}

export const INTERCHANGE_ACTIONS: readonly Action[] = [
  {
    id: 'import',
    group: 'document',
    keys: ['$mod+KeyO'],
    undo: 'step',
    enabled: () => true,
    run: (context) => {
      context.ui.setState({ dialog: 'import', incoming: undefined });
    },
  },
  exportAs('bpmn', ['$mod+Shift+KeyE'], false),
  exportAs('json', [], false),
  exportAs('svg', [], true),
  exportAs('png', [], true),
];
