// The coloured tile with an icon that stands for a step wherever it is named.

import {
  IconAlertTriangle, IconCircle, IconCircleDot, IconCircleX, IconClock, IconMail, IconPlayerPlay, IconPlayerTrackPrev, IconSquareRotated, IconWebhook, type TablerIcon,
} from '@tabler/icons-react';
import { createElement, type CSSProperties, type ReactNode } from 'react';

import { NodeIcon } from '@/shared/canvas/icons';
import { categoryTint, kindTint, nodeTint } from '@/shared/canvas/tint';
import type { NodeType } from '@/shared/graph/node-type';
import type { BoundaryKind, EndKind, GraphNode, NodeKind, StartKind } from '@/shared/graph/types';

import type { PaletteItem } from '../model/palette';
import classes from './item-tile.module.css';

interface Variant {
  startKind?: StartKind | undefined;
  endKind?: EndKind | undefined;
  boundary?: BoundaryKind | undefined;
}

const STARTS: Readonly<Record<StartKind, TablerIcon>> = { manual: IconPlayerPlay, schedule: IconClock, message: IconMail, webhook: IconWebhook };
const ENDS: Readonly<Record<EndKind, TablerIcon>> = { none: IconCircle, error: IconCircleX, terminate: IconCircleDot, compensate: IconPlayerTrackPrev };
const BORDERS: Readonly<Record<BoundaryKind, TablerIcon>> = { error: IconAlertTriangle, timer: IconClock, message: IconMail };

function icon(kind: NodeKind, type: NodeType | undefined, variant: Variant, size: number): ReactNode {
  switch (kind) {
    case 'end_event':
      return createElement(ENDS[variant.endKind ?? 'none'], { size, stroke: (variant.endKind ?? 'none') === 'none' ? 2.5 : 1.75 });
    case 'start_event':
      return createElement(STARTS[variant.startKind ?? 'manual'], { size, stroke: 1.75 });
    case 'boundary_event':
      return createElement(BORDERS[variant.boundary ?? 'error'], { size, stroke: 1.75 });
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
      {icon(item.kind, item.type, item, Math.round(size * 0.57))}
    </Tile>
  );
}

export function NodeTile({ node, type, size }: { node: GraphNode; type: NodeType | undefined; size: number }) {
  return (
    <Tile tint={nodeTint(node, type)} size={size}>
      {icon(node.kind, type, { startKind: node.start?.kind, endKind: node.end?.kind, boundary: node.boundary?.kind }, Math.round(size * 0.57))}
    </Tile>
  );
}
