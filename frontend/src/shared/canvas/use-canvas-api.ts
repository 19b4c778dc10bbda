// What the page around a canvas may ask of it.

import { useReactFlow, type Viewport } from '@xyflow/react';
import { useEffect, useImperativeHandle, useMemo, useRef, type Ref, type RefObject } from 'react';

import { boxOf, enclosing, frameBox, noteBox, type Box, type Size } from '../graph/geometry';
import { nodeById } from '../graph/query';
import { parseRef } from '../graph/refs';
import { frameById, noteById } from '../graph/remarks';
import type { GraphDocument, Point } from '../graph/types';
import { firstView, READ_ZOOM, viewOf, wholeView } from './first-view';

export interface CanvasApi {
  /** Shows the whole graph. */
  fit: () => void;
  /** Shows another graph, once it is given, as one that is opened. */
  openSoon: () => void;
  /** Shows some things, as large as they get. */
  fitTo: (refs: readonly string[]) => void;
  zoomIn: () => void;
  zoomOut: () => void;
  actualSize: () => void;
  /** Brings a node to the middle when it is out of sight, or always; gives it the keyboard when asked to. */
  show: (node: string, options?: { always?: boolean; focus?: boolean }) => void;
  /** The middle of what is seen, in canvas pixels. */
  centre: () => Point;
  toCanvas: (screen: Point) => Point;
  toScreen: (canvas: Point) => Point;
}

/** Where something is drawn. */
function drawnBox(graph: GraphDocument, ref: string): Box | undefined {
  const node = nodeById(graph, ref);
  if (node !== undefined) return boxOf(graph, node);
  const { what, id } = parseRef(ref);
  const frame = what === 'frame' ? frameById(graph, id) : undefined;
  if (frame !== undefined) return frameBox(graph, frame);
  const note = what === 'note' ? noteById(graph, id) : undefined;
  return note === undefined ? undefined : noteBox(note);
}

/** Of an element as it is laid out, whatever a dialog that opens does to it. */
export function sizeOf(element: HTMLElement): Size {
  return { width: element.clientWidth, height: element.clientHeight };
}

function motion(): number {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 220;
}

export function useCanvasApi(ref: Ref<CanvasApi> | undefined, frame: RefObject<HTMLDivElement | null>, graph: GraphDocument): CanvasApi {
  const flow = useReactFlow();
  const soon = useRef(false);
  // Asked for before the canvas was there.
  const early = useRef<string>(undefined);
  const api = useMemo((): CanvasApi => {
    const look = (view: (size: Size) => Viewport | undefined): void => {
      const viewport = frame.current === null ? undefined : view(sizeOf(frame.current));
      if (viewport !== undefined) void flow.setViewport(viewport, { duration: motion() });
    };
    const middle = (): Point => {
      const box = frame.current?.getBoundingClientRect();
      return box === undefined ? { x: 0, y: 0 } : { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    };
    return {
      // React Flow's own fitView waits for the next change of the nodes once they were changed from outside.
      fit: () => {
        look((size) => wholeView(graph, size));
      },
      openSoon: () => {
        soon.current = true;
      },
      fitTo: (refs) => {
        const bounds = enclosing(refs.flatMap((ref) => drawnBox(graph, ref) ?? []));
        if (bounds !== undefined) look((size) => viewOf(bounds, size, 1.25));
      },
      zoomIn: () => void flow.zoomIn({ duration: motion() }),
      zoomOut: () => void flow.zoomOut({ duration: motion() }),
      actualSize: () => void flow.zoomTo(1, { duration: motion() }),
      show: (id, options) => {
        if (!flow.viewportInitialized) {
          early.current = id;
          return;
        }
        const box = drawnBox(graph, id);
        const bounds = frame.current?.getBoundingClientRect();
        if (box === undefined || bounds === undefined) return;
        const topLeft = flow.flowToScreenPosition({ x: box.x, y: box.y });
        const bottomRight = flow.flowToScreenPosition({ x: box.x + box.width, y: box.y + box.height });
        const margin = 24;
        const hidden =
          topLeft.x < bounds.left + margin || bottomRight.x > bounds.right - margin || topLeft.y < bounds.top + margin || bottomRight.y > bounds.bottom - margin;
        if (hidden || options?.always === true) {
          const zoom = Math.max(READ_ZOOM, flow.getZoom());
          void flow.setCenter(box.x + box.width / 2, box.y + box.height / 2, { zoom, duration: motion() });
        }
        if (options?.focus === true) {
          requestAnimationFrame(() => {
            frame.current?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
          });
        }
      },
      centre: () => flow.screenToFlowPosition(middle()),
      toCanvas: (point) => flow.screenToFlowPosition(point),
      toScreen: (point) => flow.flowToScreenPosition(point),
    };
  }, [flow, frame, graph]);
  useImperativeHandle(ref, () => api, [api]);
  useEffect(() => {
    if (early.current === undefined || !flow.viewportInitialized) return;
    const id = early.current;
    early.current = undefined;
    api.show(id);
  }, [api, flow]);
  useEffect(() => {
    if (!soon.current) return;
    soon.current = false;
    const view = frame.current === null ? undefined : firstView(graph, sizeOf(frame.current));
    if (view !== undefined) void flow.setViewport(view, { duration: motion() });
  }, [flow, frame, graph]);
  return api;
}
