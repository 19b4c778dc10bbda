// What actions work on.

import type { CanvasApi } from '@/shared/canvas/use-canvas-api';
import type { Locale, NodeTypeMap } from '@/shared/graph/node-type';

import type { DesignerStore } from '../store/designer-store';
import type { UiStore } from '../store/ui-store';

export interface DesignerContext {
  store: DesignerStore;
  ui: UiStore;
  canvas: () => CanvasApi | null;
  types: () => NodeTypeMap;
  locale: () => Locale;
  /** Nobody may edit here: the person has no right to, or the work is done elsewhere. */
  readOnly: boolean;
  mayPublish: boolean;
  save: () => void;
  tidy: () => void;
}
