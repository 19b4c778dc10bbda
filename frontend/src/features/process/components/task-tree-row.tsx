import { IconChevronRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { settledAt } from '@/shared/run/live-process';
import { Duration, Span } from '@/shared/ui/moment';
import { Pill } from '@/shared/ui/pill';
import { lookOf } from '@/shared/ui/states';
import { StatusIcon } from '@/shared/ui/status';

import type { TreeNode, TreeRow } from '../model/tree';
import classes from './task-tree-row.module.css';
import { useWhyText } from './why-text';

interface TaskTreeRowProps {
  row: TreeRow;
  top: number;
  selected: boolean;
  focused: boolean;
  animated: boolean;
  /** The state that holds the process, on the first step that waits for it. */
  held: string | undefined;
  startedAt: string | undefined;
  endedAt: string | undefined;
  onSelect: () => void;
  onToggle: () => void;
}

const indent = 20;
const unfinished: readonly string[] = ['ready', 'queued', 'waiting', 'running'];

/** What a task that is not over waits for. */
function whyOf({ called, kind, task }: TreeNode) {
  return called === undefined && kind !== 'process' && kind !== 'earlier' && task !== undefined && unfinished.includes(task.state) ? task.why : undefined;
}

export function TaskTreeRow(props: TaskTreeRowProps) {
  const { row, top, selected, focused, animated, onSelect, onToggle } = props;
  const { t } = useTranslation('process');
  const { node } = row;
  return (
    // Keys are handled by the tree: focus stays there and names the active row.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      role="treeitem"
      id={`tree-${node.key}`}
      data-testid={node.kind === 'process' ? 'tree-root' : node.kind === 'called' ? 'tree-called' : `tree-row-${node.node ?? ''}`}
      data-state={node.state}
      data-run={node.task?.run}
      aria-level={row.level}
      aria-selected={selected}
      aria-expanded={row.expandable ? row.expanded : undefined}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      className={classes.row}
      data-selected={selected || undefined}
      data-focused={focused || undefined}
      data-pending={node.kind === 'pending' || undefined}
      style={{ transform: `translateY(${top}px)`, paddingLeft: 8 + (row.level - 1) * indent }}
      onClick={onSelect}
    >
      {row.expandable && node.kind !== 'process' ? (
        // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- ArrowRight and ArrowLeft do it
        <span
          className={classes.chevron}
          data-open={row.expanded || undefined}
          onClick={(event) => {
            event.stopPropagation();
            onToggle();
          }}
        >
          <IconChevronRight size={14} />
        </span>
      ) : (
        <span className={classes.gap} />
      )}
      {node.kind !== 'earlier' && <StatusIcon state={node.state} animated={animated} />}
      <span className={classes.label} data-strong={node.kind === 'process' || node.kind === 'called' || undefined} title={node.label}>
        {node.kind === 'earlier' ? t('tree.earlier', { count: node.runs }) : node.label}
      </span>
      {node.kind === 'called' && <CalledState node={node} />}
      {node.runs > 0 && node.kind !== 'earlier' && (
        <Pill className={classes.pill}>
          {node.kind === 'group'
            ? t(node.failed > 0 ? 'tree.runs_failed' : 'tree.runs', { n: node.runs, failed: node.failed })
            : t('tree.run', { n: node.runs })}
        </Pill>
      )}
      {node.undoes !== undefined && (
        <Pill className={classes.pill} title={t('tree.undoes', { title: node.undoes })}>
          {t('tree.undo')}
        </Pill>
      )}
      {node.undoneBy !== undefined && <UndonePill by={node.undoneBy} />}
      <RowState {...props} />
      <span className={classes.end} data-why={whyOf(node) === undefined ? undefined : true}>
        <RowEnd {...props} />
      </span>
    </div>
  );
}

function UndonePill({ by }: { by: { title: string; state: string } }) {
  const { t } = useTranslation('process');
  const over = by.state === 'completed' || by.state === 'skipped';
  return (
    <Pill tone={over ? 'idle' : lookOf(by.state).tone} className={classes.pill} title={t('tree.undone_by', { title: by.title })}>
      {t(over ? 'tree.undone' : 'tree.undoing')}
    </Pill>
  );
}

/** What the icon of a called process does not say: its state in words, and that something is wrong deeper down. */
function CalledState({ node }: { node: TreeNode }) {
  const { t } = useTranslation('process');
  const { tone } = lookOf(node.failed > 0 ? 'incident' : node.state);
  return (
    <Pill tone={tone} className={classes.pill}>
      {node.failed > 0 && node.state !== 'incident' ? t('tree.below', { count: node.failed }) : t(`common:state.${node.state}`)}
    </Pill>
  );
}

/** What the icon does not say: progress, attempts. */
function RowState({ row }: TaskTreeRowProps) {
  const { t } = useTranslation('process');
  const { task } = row.node;
  if (!task || row.node.kind === 'earlier') return null;
  const { tone } = lookOf(task.state);
  if (task.state === 'running' && task.progress) {
    return (
      <Pill tone={tone} className={classes.pill}>
        {task.progress.percent} %
      </Pill>
    );
  }
  if (task.state === 'incident' || task.state === 'retrying' || (task.attempt > 1 && task.max_attempts > 1)) {
    return (
      <Pill tone={tone} className={classes.pill}>
        {t('tree.attempts', { n: task.attempt, max: task.max_attempts })}
      </Pill>
    );
  }
  // Why it waits stands at the end of the row, and its state before its name.
  if (whyOf(row.node) === undefined && (task.state === 'running' || task.state === 'waiting')) {
    return (
      <Pill tone={tone} className={classes.pill}>
        {t(`common:state.${task.state}`)}
      </Pill>
    );
  }
  return null;
}

function RowEnd({ row, held, startedAt, endedAt }: TaskTreeRowProps) {
  const { t } = useTranslation('process');
  const whyText = useWhyText();
  const { node } = row;
  if (node.kind === 'process') return <Span from={startedAt} to={endedAt} clock />;
  if (node.called) return <Span from={node.called.started_at} to={node.called.ended_at} clock />;
  if (node.kind === 'earlier') return null;
  const { task } = node;
  if (!task) {
    return held ? <span>{t(`tree.held.${held}`)}</span> : null;
  }
  const why = whyOf(node);
  if (why !== undefined) {
    const text = whyText(why);
    return <span title={text}>{text}</span>;
  }
  if (task.ended_at && task.run_ms !== undefined && task.attempt <= 1) return <Duration ms={task.run_ms} clock />;
  return <Span from={task.started_at && task.attempt <= 1 ? task.started_at : task.created_at} to={settledAt(task)} clock />;
}
