// What actions work on.

import type { CanvasApi } from '@/shared/canvas/use-canvas-api';
import type { Locale, NodeTypeMap } from '@/shared/graph/node-type';
import type { GraphDocument } from '@/shared/graph/types';

import type { StoreApi } from 'zustand/vanilla';

import type { ExportFormat } from './interchange-actions';
import type { Problem } from './problems';
import type { DesignerStore } from '../store/designer-store';
import type { UiStore } from '../store/ui-store';

export interface DesignerContext {
  store: DesignerStore;
  ui: UiStore;
  /** The document as it is seen: a level of it, with what is folded as one. */
  seen: () => GraphDocument;
  /** A note or a frame's title is typed into as soon as it is drawn. */
  typeInto: StoreApi<{ ref: string | undefined }>;
  canvas: () => CanvasApi | null;
  problems: () => readonly Problem[];
  types: () => NodeTypeMap;
  locale: () => Locale;
  /** Nobody may edit here: the person has no right to, or the work is done elsewhere. */
  readOnly: boolean;
  mayPublish: boolean;
  save: () => void;
  tidy: () => void;
  exportAs: (format: ExportFormat) => void;
}
