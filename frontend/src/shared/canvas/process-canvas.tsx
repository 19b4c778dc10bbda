// The one renderer of process graphs: the designer edits on it, the process page shows on it what happens.

import '@xyflow/react/dist/base.css';
import './canvas.css';

import {
  Background,
  BackgroundVariant,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  type EdgeTypes,
  type NodeTypes,
  type Viewport,
} from '@xyflow/react';
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';
import { createStore } from 'zustand/vanilla';

import { withFallbackLayout } from '../graph/fallback-layout';
import type { NodeTypeMap } from '../graph/node-type';
import type { GraphDocument } from '../graph/types';
import { CanvasContext, NOTHING_SELECTED, type CanvasEditing, type CanvasFolding, type CanvasSelection, type CanvasShared, type Mark } from './canvas-context';
import { CanvasControls } from './canvas-controls';
import { ConnectionLine } from './connection-line';
import { FIT_LATER, firstView, leastZoom, standsAt, wholeView } from './first-view';
import { FlowEdge } from './flow-edge';
import { GroupNode } from './group-node';
import { Minimap } from './minimap';
import { EventNode, GatewayNode, SubProcessNode, TaskNode } from './nodes';
import { NoteNode } from './note-node';
import { NO_RUN, type RunStateStore } from './run-state';
import { createTraceStore, type TraceStore } from './trace';
import { UndoEdge } from './undo-edge';
import { sizeOf, useCanvasApi, type CanvasApi } from './use-canvas-api';
import { useCanvasEvents } from './use-canvas-events';
import { useFlowGraph } from './use-flow-graph';
import { useLevelOfDetail } from './use-level-of-detail';
import { useMap } from './use-map';
import { usePulses } from './use-pulses';

export interface ProcessCanvasProps {
  graph: GraphDocument;
  nodeTypes: NodeTypeMap;
  selection?: CanvasSelection;
  onSelect?: (selection: CanvasSelection) => void;
  runState?: RunStateStore;
  readOnly?: boolean;
  /** Problems to show on cards. */
  marks?: Readonly<Record<string, Mark>>;
  /** Present on a canvas that edits. */
  editing?: CanvasEditing;
  folding?: CanvasFolding;
  /** A path that is shown step by step. */
  trace?: TraceStore;
  /** Shown whole at first, however small that makes it. */
  overview?: boolean;
  apiRef?: Ref<CanvasApi>;
  /** Laid over the canvas. */
  children?: ReactNode;
}

const NODE_TYPES: NodeTypes = { task: TaskNode, event: EventNode, gateway: GatewayNode, frame: SubProcessNode, note: NoteNode, group: GroupNode };
const EDGE_TYPES: EdgeTypes = { flow: FlowEdge, undo: UndoEdge };
const FITTED = { fitView: true, fitViewOptions: FIT_LATER };
const NO_MARKS: Readonly<Record<string, Mark>> = {};
const UNTRACED = createTraceStore();
const RENDER_ALL_UP_TO = 150;

export function ProcessCanvas(props: ProcessCanvasProps) {
  const graph = useMemo(() => withFallbackLayout(props.graph), [props.graph]);
  return (
    <ReactFlowProvider>
      <Canvas {...props} graph={graph} />
    </ReactFlowProvider>
  );
}

function useShared(props: ProcessCanvasProps): CanvasShared {
  const { graph, nodeTypes, runState = NO_RUN, marks = NO_MARKS, trace = UNTRACED, folding, readOnly } = props;
  const { i18n } = useTranslation('designer');
  const pulses = usePulses(graph, runState);
  const [markStore] = useState(() => createStore(() => ({ nodes: marks })));
  useEffect(() => {
    markStore.setState({ nodes: marks });
  }, [markStore, marks]);
  const editing = readOnly === true ? undefined : props.editing;
  const locale = i18n.language.startsWith('ru') ? 'ru' : 'en';
  const plusEverywhere = graph.edges.length <= RENDER_ALL_UP_TO;
  return useMemo(
    () => ({ nodeTypes, locale, runState, pulses, marks: markStore, trace, editing, folding, plusEverywhere }),
    [nodeTypes, locale, runState, pulses, markStore, trace, editing, folding, plusEverywhere],
  );
}

interface FirstView {
  /** undefined: the canvas has no size yet, React Flow fits once it has. */
  viewport: Viewport | undefined;
}

/** How a graph is shown first: worked out before anything is drawn, since of a large one only what is seen is. */
function useFirstView({ graph, overview = false, selection, readOnly, runState }: ProcessCanvasProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [first, setFirst] = useState<FirstView>();
  const measure = useCallback(
    (element: HTMLDivElement | null) => {
      frame.current = element;
      // Panels around the canvas come to their sizes while they mount.
      queueMicrotask(() => {
        if (frame.current === null) return;
        const size = sizeOf(frame.current);
        const stands = readOnly === true && runState !== undefined ? standsAt(graph, runState.getState()) : undefined;
        setFirst((known) => known ?? { viewport: overview ? wholeView(graph, size) : firstView(graph, size, selection?.nodes[0] ?? stands) });
      });
    },
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the first graph decides; later ones must not measure again
    [],
  );
  return { frame, first, measure };
}

function Canvas(props: ProcessCanvasProps) {
  const { graph, selection = NOTHING_SELECTED, apiRef, children } = props;
  const shared = useShared(props);
  const { editing } = shared;
  const { frame, first, measure } = useFirstView(props);
  const least = useMemo(() => leastZoom(graph), [graph]);
  const flow = useFlowGraph(graph, selection, props.onSelect, editing);
  const events = useCanvasEvents(graph, shared, props.onSelect, flow.drop);
  const api = useCanvasApi(apiRef, frame, graph);
  const lod = useLevelOfDetail();
  const map = useMap(graph);
  const [tabbed, setTabbed] = useState(false);
  const count = graph.nodes.length;
  return (
    <CanvasContext value={shared}>
      {/* Keys that walk the canvas: a key pressed on a focused node selects it, Tab draws what is out of sight. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions -- listens for keys that bubble from the focusable nodes inside */}
      <div
        ref={measure}
        className="tkc"
        data-testid="canvas"
        data-lod={lod}
        data-nodes={count}
        data-editing={editing === undefined ? undefined : 'true'}
        onKeyDown={(event) => {
          if (event.key === 'Tab') setTabbed(true);
          events.onKeyDown(event);
        }}
      >
        {first !== undefined && (
          <ReactFlow
            nodes={flow.nodes}
            edges={flow.edges}
            nodeTypes={NODE_TYPES}
            edgeTypes={EDGE_TYPES}
            onNodesChange={flow.onNodesChange}
            onEdgesChange={flow.onEdgesChange}
            onNodeDragStop={flow.onNodeDragStop}
            onSelectionDragStop={flow.onSelectionDragStop}
            {...events.flow}
            connectionLineComponent={ConnectionLine}
            connectionRadius={36}
            minZoom={least}
            maxZoom={2}
            {...(first.viewport === undefined ? FITTED : { defaultViewport: first.viewport })}
            panOnScroll
            zoomOnScroll={false}
            zoomOnDoubleClick={false}
            selectionMode={SelectionMode.Partial}
            multiSelectionKeyCode={MULTI_KEYS}
            deleteKeyCode={null}
            disableKeyboardA11y
            nodesConnectable={editing !== undefined}
            nodesDraggable={editing !== undefined}
            edgesReconnectable={editing !== undefined}
            elevateNodesOnSelect={false}
            onlyRenderVisibleElements={count > RENDER_ALL_UP_TO && !tabbed}
            attributionPosition="top-right"
          >
            <Background variant={BackgroundVariant.Dots} gap={16} size={2} color="var(--tk-dot)" />
            {map?.opened === true && <Minimap nodes={flow.nodes} />}
          </ReactFlow>
        )}
        <CanvasControls api={api} map={map} />
        {children}
      </div>
    </CanvasContext>
  );
}

const MULTI_KEYS = ['Meta', 'Control', 'Shift'];
