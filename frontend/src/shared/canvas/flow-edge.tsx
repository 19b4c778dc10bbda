// A sequence flow: right angles with rounded corners, a label pill, "+" to insert, solid when taken, a pulse when alive.

import { EdgeLabelRenderer, useInternalNode, type EdgeProps } from '@xyflow/react';
import { IconPlus } from '@tabler/icons-react';
import { memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { arrowHead, pathThrough, routeEdge, shortened, type Route } from '../graph/route';
import type { GraphEdge } from '../graph/types';
import { useCanvas } from './canvas-context';
import { useEdgeChange } from './diff-marks';
import type { FlowEdgeType, StepNode } from './flow-types';
import { endOf } from './end-of';
import { drawnShape } from './to-flow';
import { useEdgePulse, useEdgeTaken, useTraceCount, useTraceMark } from './use-node-run';

const RADIUS = 8;
const ARROW = 9;
const PORT = 6;

export interface LabelText {
  text: string;
  tone: 'title' | 'condition' | 'default';
}

export function labelOf(edge: GraphEdge, choice: boolean, otherwise: string): LabelText | undefined {
  if (edge.title !== undefined && edge.title !== '') return { text: edge.title, tone: edge.default === true ? 'default' : 'title' };
  if (!choice) return undefined;
  if (edge.default === true) return { text: otherwise, tone: 'default' };
  if (edge.condition === undefined || edge.condition === '') return undefined;
  return { text: edge.condition.replace(/^=\s*/, ''), tone: 'condition' };
}

/** Where "+" stands: in the middle, or beside the label towards the target. */
function plusPlace(route: Route, labelled: boolean): { x: number; y: number } {
  if (!labelled) return route.label;
  const tip = route.points.at(-1) ?? route.label;
  const before = route.points.at(-2) ?? route.label;
  const length = Math.abs(tip.x - before.x) + Math.abs(tip.y - before.y);
  const share = length === 0 ? 0 : Math.min(length / 2, 26) / length;
  return { x: tip.x + (before.x - tip.x) * share, y: tip.y + (before.y - tip.y) * share };
}

export const FlowEdge = memo(function FlowEdge({ id, source, target, data, selected }: EdgeProps<FlowEdgeType>) {
  const { t } = useTranslation('designer');
  const { editing, plusEverywhere } = useCanvas();
  const from = useInternalNode<StepNode>(source);
  const to = useInternalNode<StepNode>(target);
  const taken = useEdgeTaken(id);
  const pulse = useEdgePulse(id);
  const change = useEdgeChange(id);
  const trace = useTraceMark(id);
  const times = useTraceCount(id);
  const loop = data?.loop;
  const route = useMemo(() => (from === undefined || to === undefined ? undefined : routeEdge(endOf(from), endOf(to), loop)), [from, to, loop]);
  if (route === undefined || data === undefined) return null;
  const label = labelOf(data.edge, data.choice, t('canvas.otherwise'));
  // Where people edit, a task shows its port, and the arrow ends before it.
  const points = editing !== undefined && to !== undefined && (drawnShape(to.data.node) === 'task' || drawnShape(to.data.node) === 'frame') ? shortened(route.points, PORT) : route.points;
  const path = pathThrough(points, RADIUS, ARROW - 1);
  const plus = plusPlace(route, label !== undefined);
  return (
    <>
      <g
        className={`tkc-edge${taken ? ' tkc-taken' : ''}${selected === true ? ' tkc-edge-selected' : ''}${trace === undefined ? '' : ` tkc-trace-${trace}`}`}
        data-testid={`edge-${id}`}
        data-taken={taken ? 'true' : undefined}
        data-trace={trace}
        data-change={change}
      >
        <path className="tkc-line" d={path} />
        <path className="tkc-arrow" d={arrowHead(points, ARROW)} />
        <path className="react-flow__edge-interaction tkc-reach" d={path} />
        {trace === 'now' && <circle className="tkc-token tkc-token-moving" r={6} style={{ offsetPath: `path('${path}')` }} />}
        {trace === 'waits' && <circle className="tkc-token" r={6} cx={points.at(-1)?.x} cy={points.at(-1)?.y} />}
        {pulse && (
          <circle className="tkc-pulse" r={4}>
            <animateMotion dur="1.1s" repeatCount="indefinite" path={path} />
          </circle>
        )}
      </g>
      <EdgeLabelRenderer>
        {label !== undefined && (
          <span
            className={`tkc-label tkc-label-${label.tone}${selected === true ? ' tkc-label-selected' : ''}`}
            style={{
              transform: `translate(-50%,-50%) translate(${String(route.label.x)}px,${String(route.label.y)}px)`,
              maxWidth: route.labelRoom === undefined ? 160 : Math.max(56, route.labelRoom - 20),
            }}
            title={label.text}
          >
            {label.text}
          </span>
        )}
        {times > 1 && (
          <span className="tkc-times" style={{ transform: `translate(-50%,-50%) translate(${String(plus.x)}px,${String(plus.y)}px)` }}>
            ×{times}
          </span>
        )}
        {editing !== undefined && (plusEverywhere || selected === true) && (
          <button
            type="button"
            className="tkc-plus tkc-edge-plus nodrag nopan"
            data-testid={`insert-on-${id}`}
            data-edge={id}
            aria-label={t('canvas.insert_on_edge')}
            tabIndex={-1}
            style={{ transform: `translate(-50%,-50%) translate(${String(plus.x)}px,${String(plus.y)}px)` }}
            onClick={(event) => {
              event.stopPropagation();
              editing.onInsertOnEdge(id);
            }}
          >
            <IconPlus size={12} stroke={2.5} />
          </button>
        )}
      </EdgeLabelRenderer>
    </>
  );
});
