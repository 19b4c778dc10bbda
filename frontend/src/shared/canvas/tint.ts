// The tint of a card's icon tile says to which category a step belongs.

import type { NodeType } from '../graph/node-type';
import type { GraphNode, NodeKind } from '../graph/types';

export type Tint = 'blue' | 'teal' | 'amber' | 'violet' | 'cyan' | 'slate';

const BY_CATEGORY: Readonly<Record<string, Tint>> = {
  documents: 'blue',
  files: 'blue',
  signatures: 'teal',
  checks: 'teal',
  people: 'amber',
  communication: 'violet',
  messaging: 'violet',
  mail: 'violet',
  integration: 'cyan',
  data: 'cyan',
  demo: 'slate',
  flow: 'slate',
};

const PALETTE: readonly Tint[] = ['blue', 'teal', 'violet', 'cyan', 'amber'];

export function categoryTint(category: string): Tint {
  const name = category.trim().toLowerCase();
  const known = BY_CATEGORY[name];
  if (known !== undefined) return known;
  let hash = 0;
  for (const char of name) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 9973;
  return PALETTE[hash % PALETTE.length] ?? 'slate';
}

export function kindTint(kind: NodeKind): Tint {
  switch (kind) {
    case 'script_task':
      return 'cyan';
    case 'user_task':
      return 'amber';
    case 'decision_task':
      return 'teal';
    case 'message_event':
      return 'violet';
    default:
      return 'slate';
  }
}

export function nodeTint(node: GraphNode, type: NodeType | undefined): Tint {
  return type === undefined ? kindTint(node.kind) : categoryTint(type.category.en);
}
