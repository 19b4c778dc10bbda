// The coloured tile with an icon that stands for a step wherever it is named.

import { IconCircle, IconCircleDot, IconCircleX, IconPlayerPlay, IconSquareRotated } from '@tabler/icons-react';
import type { CSSProperties, ReactNode } from 'react';

import { NodeIcon } from '@/shared/canvas/icons';
import { categoryTint, kindTint, nodeTint } from '@/shared/canvas/tint';
import type { NodeType } from '@/shared/graph/node-type';
import type { EndKind, GraphNode, NodeKind } from '@/shared/graph/types';

import type { PaletteItem } from '../model/palette';
import classes from './item-tile.module.css';

function icon(kind: NodeKind, type: NodeType | undefined, endKind: EndKind | undefined, size: number): ReactNode {
  switch (kind) {
    case 'end_event':
      if (endKind === 'error') return <IconCircleX size={size} stroke={1.75} />;
      return endKind === 'terminate' ? <IconCircleDot size={size} stroke={1.75} /> : <IconCircle size={size} stroke={2.5} />;
    case 'start_event':
      return <IconPlayerPlay size={size} stroke={1.75} />;
    case 'exclusive_gateway':
      return <IconSquareRotated size={size} stroke={1.75} />;
    default:
      return <NodeIcon kind={kind} type={type} size={size} />;
  }
}

interface TileProps {
  tint: string;
  size: number;
  children: ReactNode;
}

function Tile({ tint, size, children }: TileProps) {
  const style: CSSProperties = { width: size, height: size, borderRadius: Math.round(size * 0.28) };
  return (
    <span className={`${classes.tile ?? ''} tkc-tint-${tint}`} style={style}>
      {children}
    </span>
  );
}

export function ItemTile({ item, size }: { item: PaletteItem; size: number }) {
  return (
    <Tile tint={item.type === undefined ? kindTint(item.kind) : categoryTint(item.category.en)} size={size}>
      {icon(item.kind, item.type, item.endKind, Math.round(size * 0.57))}
    </Tile>
  );
}

export function NodeTile({ node, type, size }: { node: GraphNode; type: NodeType | undefined; size: number }) {
  return (
    <Tile tint={nodeTint(node, type)} size={size}>
      {icon(node.kind, type, node.end?.kind, Math.round(size * 0.57))}
    </Tile>
  );
}
