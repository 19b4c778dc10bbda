// The whole graph, small, with the part that is seen: pressing or dragging goes there, the wheel zooms. All nodes are one
// path: an element for each of them would be moved one by one whenever the graph is laid out.

import { Panel, useReactFlow, useStore, type ReactFlowState } from '@xyflow/react';
import { useDeferredValue, useEffect, useMemo, useRef, type PointerEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { enclosing, type Box } from '../graph/geometry';
import type { CanvasNode } from './flow-types';

const WIDTH = 200;
const HEIGHT = 150;
/** Around the graph, in pixels of the map. */
const MARGIN = 8;
const ZOOM_PER_PIXEL = 0.002;

function boxOf(node: CanvasNode): Box {
  return { ...node.position, width: node.width ?? 0, height: node.height ?? 0 };
}

function frame({ x, y, width, height }: Box): string {
  return `M${String(x)},${String(y)}h${String(width)}v${String(height)}h${String(-width)}z`;
}

function grown(box: Box, by: number): Box {
  return { x: box.x - by, y: box.y - by, width: box.width + by * 2, height: box.height + by * 2 };
}

function seenPart({ transform: [x, y, zoom], width, height }: ReactFlowState): Box {
  return { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
}

function holds(a: Box, b: Box): boolean {
  return a.x <= b.x && a.y <= b.y && a.x + a.width >= b.x + b.width && a.y + a.height >= b.y + b.height;
}

function sameBox(a: Box, b: Box): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}

interface MinimapProps {
  nodes: readonly CanvasNode[];
  /** Who sees everything gets no map over it. */
  hidesWhole: boolean;
}

export function Minimap({ nodes: all, hidesWhole }: MinimapProps) {
  const { t } = useTranslation('designer');
  const flow = useReactFlow();
  const seen = useStore(seenPart, sameBox);
  const svg = useRef<SVGSVGElement>(null);
  // The map follows; what is under the hand comes first.
  const nodes = useDeferredValue(all);
  const { bounds, drawn } = useMemo(() => {
    const boxes = nodes.filter((node) => node.type !== 'group').map(boxOf);
    return { bounds: enclosing(boxes), drawn: boxes.map(frame).join('') };
  }, [nodes]);

  useEffect(() => {
    const map = svg.current;
    if (map === null) return;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      void flow.zoomTo(flow.getZoom() * 2 ** (-event.deltaY * ZOOM_PER_PIXEL));
    };
    map.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      map.removeEventListener('wheel', onWheel);
    };
  }, [flow]);

  if (bounds === undefined || (hidesWhole && holds(seen, bounds))) return null;
  const whole = enclosing([bounds, seen]) ?? seen;
  const scale = Math.max(whole.width / (WIDTH - MARGIN * 2), whole.height / (HEIGHT - MARGIN * 2));
  const view: Box = {
    x: whole.x + whole.width / 2 - (WIDTH / 2) * scale,
    y: whole.y + whole.height / 2 - (HEIGHT / 2) * scale,
    width: WIDTH * scale,
    height: HEIGHT * scale,
  };
  const go = (event: PointerEvent<SVGSVGElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = { x: view.x + (event.clientX - box.left) * scale, y: view.y + (event.clientY - box.top) * scale };
    void flow.setCenter(at.x, at.y, { zoom: flow.getZoom() });
  };
  return (
    <Panel position="bottom-left" className="tkc-minimap">
      <svg
        ref={svg}
        width={WIDTH}
        height={HEIGHT}
        viewBox={`${String(view.x)} ${String(view.y)} ${String(view.width)} ${String(view.height)}`}
        role="img"
        aria-label={t('canvas.minimap')}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          go(event);
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) go(event);
        }}
      >
        <path className="tkc-minimap-nodes" d={drawn} />
        <path className="tkc-minimap-mask" d={frame(grown(view, scale)) + frame(seen)} fillRule="evenodd" />
      </svg>
    </Panel>
  );
}
