// A node of a view that stands for others which are not shown: a folded sub-process or a folded frame. Only views hold such
// nodes (see view.ts), never a document.

import type { GraphNode } from './types';

export interface Fold {
  what: 'sub_process' | 'frame';
  /** How many steps it hides. */
  count: number;
}

export interface FoldedNode extends GraphNode {
  fold: Fold;
}

export function foldOf(node: GraphNode): Fold | undefined {
  return (node as Partial<FoldedNode>).fold;
}
