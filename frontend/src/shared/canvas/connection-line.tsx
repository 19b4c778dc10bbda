// The flow that follows the pointer while it is being drawn.

import type { ConnectionLineComponentProps } from '@xyflow/react';

import { pathThrough } from '../graph/route';
import type { CanvasNode } from './flow-types';

export function ConnectionLine({ fromX, fromY, toX, toY, fromHandle, connectionStatus }: ConnectionLineComponentProps<CanvasNode>) {
  const forward = fromHandle.type === 'source';
  const bend = forward ? Math.max(fromX + 16, (fromX + toX) / 2) : Math.min(fromX - 16, (fromX + toX) / 2);
  const points = [
    { x: fromX, y: fromY },
    { x: bend, y: fromY },
    { x: bend, y: toY },
    { x: toX, y: toY },
  ];
  return (
    <g className={`tkc-connecting${connectionStatus === 'invalid' ? ' tkc-connecting-no' : ''}`}>
      <path d={pathThrough(points, 8)} />
      <circle cx={toX} cy={toY} r={4} />
    </g>
  );
}
