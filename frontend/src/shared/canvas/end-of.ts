// Where a drawn node stands, as routes need to know it.

import type { InternalNode } from '@xyflow/react';

import { outline } from '../graph/geometry';
import type { End } from '../graph/route';
import type { StepNode } from './flow-types';

export function endOf(node: InternalNode<StepNode>): End {
  const { kind } = node.data.node;
  const { width, height } = node;
  const size = width === undefined || height === undefined ? undefined : { width, height };
  return { kind, box: outline(kind, node.internals.positionAbsolute, size) };
}
