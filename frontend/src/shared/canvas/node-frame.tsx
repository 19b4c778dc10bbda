// What every node on the canvas has: status, marks, selection ring, ports, and what it says while a flow is being drawn.

import { Handle, Position, useConnection, type ConnectionState } from '@xyflow/react';
import { IconAlertTriangleFilled, IconExclamationMark, IconPinFilled, IconPlayerTrackPrev, IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { hasExit, takesEntry, type Shape } from '../graph/kinds';
import type { GraphNode } from '../graph/types';
import { useCanvas } from './canvas-context';
import { DiffBar } from './diff-marks';
import { PlanBar } from './plan-marks';
import { toneOf } from './run-state';
import { StatusBadge } from './status-badge';
import { useIsGoal, useMark, useNodeRun, usePinned } from './use-node-run';

interface Dragged {
  id: string;
  type: string;
}

function draggedFrom(connection: ConnectionState): string | undefined {
  const handle = connection.inProgress ? connection.fromHandle : undefined;
  return handle === undefined ? undefined : `${handle.type} ${handle.nodeId}`;
}

function parseDragged(text: string | undefined): Dragged | undefined {
  const [type, id] = text?.split(' ') ?? [];
  return type === undefined || id === undefined ? undefined : { type, id };
}

/** Whether the flow being drawn may end here: undefined when none is, or it began here. */
function useOffer(id: string, chip: boolean): { legal: boolean; reason: string } | undefined {
  const { editing } = useCanvas();
  const dragged = parseDragged(useConnection(draggedFrom));
  if (dragged === undefined || editing === undefined || dragged.id === id || chip) return undefined;
  const refusal = dragged.type === 'source' ? editing.refusal(dragged.id, id) : editing.refusal(id, dragged.id);
  return refusal === undefined ? { legal: true, reason: '' } : { legal: false, reason: editing.explain(refusal) };
}

export interface NodeFrameProps {
  node: GraphNode;
  shape: Shape;
  selected: boolean;
  open: boolean;
  label: string;
  /** False: what undoes another step is reached by no flow, so its ports are not shown. */
  flows?: boolean;
  /** It stands for the steps of a folded frame: no flow begins or ends here. */
  chip?: boolean;
  children: ReactNode;
}

export function NodeFrame({ node, shape, selected, open, label, flows = true, chip = false, children }: NodeFrameProps) {
  const { t } = useTranslation('designer');
  const { editing } = useCanvas();
  const run = useNodeRun(node.id);
  const mark = useMark(node.id);
  const pinned = usePinned(node.id);
  const offer = useOffer(node.id, chip);
  const goal = useIsGoal(node.id);
  const tone = run === undefined ? '' : ` tkc-tone-${toneOf(run.state)}`;
  const offered = offer === undefined ? '' : offer.legal ? ' tkc-legal' : ' tkc-illegal';
  return (
    <div
      className={`tkc-node tkc-${shape}${tone}${offered}${selected ? ' tkc-selected' : ''}${chip ? ' tkc-chip' : ''}${flows ? '' : ' tkc-apart'}${goal ? ' tkc-goal' : ''}`}
      data-testid={`node-${node.id}`}
      data-state={run?.state}
      data-kind={node.kind}
      data-pinned={pinned ? true : undefined}
      role="group"
      aria-label={run === undefined ? label : `${label}, ${t(`common:state.${run.state}`)}`}
    >
      {children}
      {!chip && takesEntry(node.kind) && <Handle className="tkc-handle" type="target" position={Position.Left} isConnectable={editing !== undefined && flows} />}
      {!chip && hasExit(node.kind) && <Handle className="tkc-handle" type="source" position={Position.Right} isConnectable={editing !== undefined && flows} />}
      <DiffBar node={node} />
      {node.undone_by !== undefined && (
        <span className="tkc-undo-event" role="img" aria-label={t('undo.border')} title={t('undo.border')}>
          <IconPlayerTrackPrev size={13} stroke={1.75} aria-hidden />
        </span>
      )}
      <PlanBar node={node} />
      {run !== undefined && <StatusBadge run={run} />}
      {run?.undone !== undefined && run.undone > 0 && (
        <span className="tkc-undone" data-testid={`undone-${node.id}`} title={t('undo.undone', { count: run.undone })}>
          <IconPlayerTrackPrev size={12} stroke={2.5} aria-hidden />
          {run.undone > 1 && <span>{run.undone}</span>}
        </span>
      )}
      {pinned && (
        <span className="tkc-pin" title={t('trial:pin.pinned')}>
          <IconPinFilled size={11} aria-hidden />
        </span>
      )}
      {mark !== undefined && (
        <span className={`tkc-mark tkc-mark-${mark.severity}`} data-testid={`mark-${node.id}`} title={t('canvas.problems', { count: mark.count })}>
          {mark.severity === 'error' ? <IconExclamationMark size={12} stroke={3} /> : <IconAlertTriangleFilled size={11} />}
        </span>
      )}
      {offer?.legal === false && <span className="tkc-reason">{offer.reason}</span>}
      {editing !== undefined && open && (
        <button
          type="button"
          className="tkc-plus nodrag nopan"
          data-testid={`insert-after-${node.id}`}
          aria-label={t('canvas.insert_after', { title: label })}
          tabIndex={-1}
          onClick={(event) => {
            event.stopPropagation();
            editing.onInsertAfter(node.id);
          }}
        >
          <IconPlus size={14} stroke={2} />
        </button>
      )}
    </div>
  );
}
