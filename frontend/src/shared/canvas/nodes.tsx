// The shapes of a node: a task's card, an event's circle, a gateway's diamond, the frame around a sub-process.

import type { NodeProps } from '@xyflow/react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import {
  IconAlertTriangle, IconArrowsMaximize, IconChevronDown, IconCircle, IconCircleXFilled, IconClock, IconMail, IconMenu2, IconPentagon, IconPlayerPlay,
  IconPlayerTrackPrev, IconPlayerTrackPrevFilled, IconPlus, IconRepeat, IconWebhook, IconX, type TablerIcon,
} from '@tabler/icons-react';

import { foldOf } from '../graph/fold';
import { localized, type Locale, type NodeType } from '../graph/node-type';
import type { GraphNode, NodeKind } from '../graph/types';
import { useCanvas } from './canvas-context';
import type { StepNode } from './flow-types';
import { FoldCard } from './fold-card';
import { NodeIcon } from './icons';
import { NodeFrame } from './node-frame';
import { nodeTint } from './tint';
import { useNodeRun } from './use-node-run';

function firstLine(text: string): string {
  const line = text.trim().split('\n')[0] ?? '';
  const end = line.search(/[.!?](\s|$)/);
  return end > 0 ? line.slice(0, end) : line;
}

/** The second line of a card: what the author wrote, else what the node type is, else what it does. */
export function subtitleOf(node: GraphNode, type: NodeType | undefined, locale: Locale): string {
  if (node.doc !== undefined && node.doc !== '') return firstLine(node.doc);
  if (node.user !== undefined) return [node.user.assignee ?? '', ...(node.user.groups ?? [])].filter((name) => name !== '').join(', ');
  if (node.decision !== undefined) return node.decision.outputs.join(', ');
  if (node.call !== undefined) return [node.call.definition, node.call.version === undefined || node.call.version === 0 ? '' : `v${String(node.call.version)}`].filter((part) => part !== '').join(' · ');
  if (node.kind === 'script_task') return Object.keys(node.script?.output ?? {}).join(', ');
  if (type === undefined) return node.service?.type ?? '';
  const title = localized(type.title, locale);
  return title === node.title ? firstLine(localized(type.doc, locale)) : title;
}

export const TaskNode = memo(function TaskNode({ data, selected }: NodeProps<StepNode>) {
  const { node } = data;
  const { nodeTypes, locale } = useCanvas();
  const { t } = useTranslation('designer');
  const run = useNodeRun(node.id);
  const type = node.service === undefined ? undefined : nodeTypes[node.service.type];
  const title = node.title === '' ? t(`kind.${node.kind}`) : node.title;
  const fold = foldOf(node);
  const markers = <Markers node={node} undoes={data.undoes} />;
  if (fold !== undefined) return <FoldCard node={node} fold={fold} selected={selected} open={data.open} marker={markers} subtitle={run?.subtitle} />;
  const subtitle = run?.subtitle ?? subtitleOf(node, type, locale);
  return (
    <NodeFrame node={node} shape="task" selected={selected} open={data.open} flows={!data.undoes} label={title}>
      <span className={`tkc-tile tkc-tint-${nodeTint(node, type)}`}>
        <NodeIcon kind={node.kind} type={type} size={20} />
      </span>
      <span className="tkc-texts">
        <span className="tkc-title">{title}</span>
        {subtitle !== '' && <span className="tkc-subtitle">{subtitle}</span>}
      </span>
      {hasMarkers(node, data.undoes) && <span className="tkc-markers">{markers}</span>}
      {run?.progress !== undefined && (
        <span className="tkc-progress" aria-hidden>
          <span style={{ width: `${String(Math.max(2, Math.min(100, run.progress)))}%` }} />
        </span>
      )}
    </NodeFrame>
  );
});

function hasMarkers(node: GraphNode, undoes: boolean): boolean {
  return node.multi !== undefined || undoes;
}

/** Three lines: for each entry of a list; an arrow in a circle: one after another; two triangles: it undoes something. */
function Markers({ node, undoes }: { node: GraphNode; undoes: boolean }) {
  const { t } = useTranslation('designer');
  const sequential = node.multi?.sequential === true;
  const Multi = sequential ? IconRepeat : IconMenu2;
  return (
    <>
      {node.multi !== undefined && (
        <span className="tkc-marker" role="img" aria-label={t(sequential ? 'multi.one_by_one' : 'multi.at_once')} title={t(sequential ? 'multi.one_by_one' : 'multi.at_once')}>
          <Multi size={13} stroke={2} style={sequential ? undefined : { transform: 'rotate(90deg)' }} aria-hidden />
        </span>
      )}
      {undoes && (
        <span className="tkc-marker" role="img" aria-label={t('undo.marker')} title={t('undo.marker')}>
          <IconPlayerTrackPrev size={13} stroke={2} aria-hidden />
        </span>
      )}
    </>
  );
}

const START_ICONS: Readonly<Record<string, TablerIcon>> = { schedule: IconClock, message: IconMail, webhook: IconWebhook };

export function EventIcon({ node }: { node: GraphNode }) {
  if (node.kind === 'start_event') {
    const Start = START_ICONS[node.start?.kind ?? ''] ?? IconPlayerPlay;
    return <Start size={Start === IconPlayerPlay ? 16 : 18} stroke={1.75} aria-hidden />;
  }
  if (node.end?.kind === 'terminate') return <span className="tkc-terminate" aria-hidden />;
  if (node.end?.kind === 'error') return <IconCircleXFilled size={20} aria-hidden />;
  if (node.end?.kind === 'compensate') return <IconPlayerTrackPrevFilled size={18} aria-hidden />;
  if (node.kind === 'compensation_event') return <IconPlayerTrackPrev size={18} stroke={1.75} aria-hidden />;
  const waits = node.kind === 'timer_event' ? 'timer' : node.kind === 'message_event' ? 'message' : node.boundary?.kind;
  if (waits === undefined) return null;
  const Icon = waits === 'timer' ? IconClock : waits === 'message' ? IconMail : IconAlertTriangle;
  return <Icon size={18} stroke={1.75} aria-hidden />;
}

/** The second ring of an event that waits is dashed when the activity goes on. */
function ringOf(node: GraphNode): string {
  if (node.kind === 'end_event') return ` tkc-end-${node.end?.kind ?? 'none'}`;
  if (node.kind === 'start_event') return '';
  return node.boundary?.keeps_running === true ? ' tkc-ring tkc-ring-dashed' : ' tkc-ring';
}

export const EventNode = memo(function EventNode({ data, selected }: NodeProps<StepNode>) {
  const { node } = data;
  const { t } = useTranslation('designer');
  const title = node.title === '' ? t(`kind.${node.kind}`) : node.title;
  return (
    <NodeFrame node={node} shape="event" selected={selected} open={data.open} label={title}>
      <span className={`tkc-circle${ringOf(node)}`}>
        <EventIcon node={node} />
      </span>
      {node.title !== '' && <span className="tkc-caption">{node.title}</span>}
    </NodeFrame>
  );
});

export const GATEWAY_ICONS: Partial<Record<NodeKind, TablerIcon>> = {
  exclusive_gateway: IconX, inclusive_gateway: IconCircle, event_gateway: IconPentagon,
};

export const GatewayNode = memo(function GatewayNode({ data, selected }: NodeProps<StepNode>) {
  const { node } = data;
  const { t } = useTranslation('designer');
  const usual = t(`kind.${node.kind}`);
  const title = node.title === '' ? usual : node.title;
  const Icon = GATEWAY_ICONS[node.kind] ?? IconPlus;
  return (
    <NodeFrame node={node} shape="gateway" selected={selected} open={data.open} label={title}>
      <span className="tkc-diamond" />
      <Icon className="tkc-gateway-icon" size={18} stroke={2.5} aria-hidden />
      {title !== usual && <span className={`tkc-caption tkc-caption-${data.caption}`}>{title}</span>}
    </NodeFrame>
  );
});

/** A sub-process: a frame around its own start, steps and ends. */
export const SubProcessNode = memo(function SubProcessNode({ data, selected }: NodeProps<StepNode>) {
  const { node } = data;
  const { folding } = useCanvas();
  const { t } = useTranslation('designer');
  const run = useNodeRun(node.id);
  const title = node.title === '' ? t(`kind.${node.kind}`) : node.title;
  return (
    <NodeFrame node={node} shape="frame" selected={selected} open={data.open} flows={!data.undoes} label={title}>
      <span className="tkc-frame-title">
        {folding !== undefined && (
          <button
            type="button"
            className="tkc-fold nodrag nopan"
            aria-label={t('sub.fold')}
            title={t('sub.fold')}
            tabIndex={-1}
            onClick={(event) => {
              event.stopPropagation();
              folding.onFold(node.id);
            }}
          >
            <IconChevronDown size={14} stroke={2} />
          </button>
        )}
        <span className="tkc-frame-name">{title}</span>
        {run?.subtitle !== undefined && <small>{run.subtitle}</small>}
        {folding !== undefined && (
          <button
            type="button"
            className="tkc-fold nodrag nopan"
            aria-label={t('sub.enter')}
            title={t('sub.enter')}
            tabIndex={-1}
            onClick={(event) => {
              event.stopPropagation();
              folding.onEnter(node.id);
            }}
          >
            <IconArrowsMaximize size={13} stroke={2} />
          </button>
        )}
      </span>
      {hasMarkers(node, data.undoes) && (
        <span className="tkc-markers">
          <Markers node={node} undoes={data.undoes} />
        </span>
      )}
    </NodeFrame>
  );
});
