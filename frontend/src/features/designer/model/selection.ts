// Short readings of what is selected.

import type { DesignerContext } from './context';

export function selectedNodes(context: DesignerContext): readonly string[] {
  return context.store.getState().selection.nodes;
}

export function onlyNode(context: DesignerContext): string | undefined {
  const { nodes, edges } = context.store.getState().selection;
  return nodes.length === 1 && edges.length === 0 ? nodes[0] : undefined;
}

export function onlyEdge(context: DesignerContext): string | undefined {
  const { nodes, edges } = context.store.getState().selection;
  return edges.length === 1 && nodes.length === 0 ? edges[0] : undefined;
}

export function hasSelection(context: DesignerContext): boolean {
  const { nodes, edges } = context.store.getState().selection;
  return nodes.length + edges.length > 0;
}

export function titleOfNode(context: DesignerContext, id: string): string {
  const node = context.store.getState().doc.nodes.find((each) => each.id === id);
  return node === undefined ? id : node.title === '' ? node.id : node.title;
}
