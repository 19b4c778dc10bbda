// Which flow lies under a point of the screen, looking through what is being dragged over it.

import type { Point } from '../graph/types';

const HIGHLIGHT = 'tkc-edge-target';

function edgeElement(at: Point): Element | undefined {
  for (const element of document.elementsFromPoint(at.x, at.y)) {
    const edge = element.closest('.react-flow__edge') ?? element.closest('.tkc-edge-plus');
    if (edge !== null) return edge;
  }
  return undefined;
}

export function edgeUnder(at: Point): string | undefined {
  const element = edgeElement(at);
  return element?.getAttribute('data-id') ?? element?.getAttribute('data-edge') ?? undefined;
}

/** Marks the flow that a drop would go into; only the drawing changes, so no state is needed. */
export function highlightEdge(id: string | undefined): void {
  for (const element of document.querySelectorAll(`.${HIGHLIGHT}`)) element.classList.remove(HIGHLIGHT);
  if (id !== undefined) document.querySelector(`.react-flow__edge[data-id="${CSS.escape(id)}"]`)?.classList.add(HIGHLIGHT);
}

export function nodeUnder(at: Point): string | undefined {
  for (const element of document.elementsFromPoint(at.x, at.y)) {
    const node = element.closest('.react-flow__node');
    if (node !== null) return node.getAttribute('data-id') ?? undefined;
  }
  return undefined;
}
