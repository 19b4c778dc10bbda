// The whole graph, small, with the part that is seen: pressing or dragging goes there, the wheel zooms. All nodes are one
// path: an element for each of them would be moved one by one whenever the graph is laid out.

import { Panel, useReactFlow, useStore, type ReactFlowState } from '@xyflow/react';
import { useDeferredValue, useEffect, useMemo, useRef, type PointerEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { enclosing, type Box, type Size } from '../graph/geometry';
import type { CanvasNode } from './flow-types';

const WIDTH = 200;
/** As high as the graph's shape asks for. */
const HEIGHT = { least: 56, most: 130 };
/** Around the graph, in pixels of the map. */
const MARGIN = 8;
/** The least height of a node, in pixels of the map. */
const LEAST = 3;
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

export function seenPart({ transform: [x, y, zoom], width, height }: ReactFlowState): Box {
  return { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
}

export function holds(a: Box, b: Box): boolean {
  return a.x <= b.x && a.y <= b.y && a.x + a.width >= b.x + b.width && a.y + a.height >= b.y + b.height;
}

function sameBox(a: Box, b: Box): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}

function highOf(bounds: Box | undefined): number {
  if (bounds === undefined || bounds.width === 0) return HEIGHT.least;
  return Math.round(Math.min(HEIGHT.most, Math.max(HEIGHT.least, (bounds.height / bounds.width) * (WIDTH - MARGIN * 2) + MARGIN * 2)));
}

/** Canvas pixels in a pixel of the map. */
function scaleOf({ width, height }: Size, high: number): number {
  return Math.max(width / (WIDTH - MARGIN * 2), height / (high - MARGIN * 2));
}

function visible(box: Box, least: number): Box {
  return box.height >= least ? box : { ...box, y: box.y + box.height / 2 - least / 2, height: least };
}

export function Minimap({ nodes: all }: { nodes: readonly CanvasNode[] }) {
  const { t } = useTranslation('designer');
  const flow = useReactFlow();
  const seen = useStore(seenPart, sameBox);
  const svg = useRef<SVGSVGElement>(null);
  // The map follows; what is under the hand comes first.
  const nodes = useDeferredValue(all);
  const { bounds, drawn } = useMemo(() => {
    const boxes = nodes.filter((node) => node.type !== 'group').map(boxOf);
    const bounds = enclosing(boxes);
    const least = LEAST * scaleOf(bounds ?? { width: 0, height: 0 }, highOf(bounds));
    return { bounds, drawn: boxes.map((box) => frame(visible(box, least))).join('') };
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

  if (bounds === undefined) return null;
  const high = highOf(bounds);
  const whole = enclosing([bounds, seen]) ?? seen;
  const scale = scaleOf(whole, high);
  const view: Box = {
    x: whole.x + whole.width / 2 - (WIDTH / 2) * scale,
    y: whole.y + whole.height / 2 - (high / 2) * scale,
    width: WIDTH * scale,
    height: high * scale,
  };
  const go = (event: PointerEvent<SVGSVGElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = { x: view.x + (event.clientX - box.left) * scale, y: view.y + (event.clientY - box.top) * scale };
    void flow.setCenter(at.x, at.y, { zoom: flow.getZoom() });
  };
  return (
    <Panel position="bottom-right" className="tkc-minimap">
      <svg
        ref={svg}
        width={WIDTH}
        height={high}
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
