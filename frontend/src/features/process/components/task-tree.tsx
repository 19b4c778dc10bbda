import { Button, TextInput } from '@mantine/core';
import { IconAlertCircle, IconSearch } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { GraphDocument } from '@/shared/graph/types';
import type { LiveProcess } from '@/shared/run/live-process';

import { useAsking, useFamily } from '../hooks/use-family';
import type { Selection } from '../hooks/use-selection';
import { buildTree, rootKey, treeKey, visibleRows, type TreeRow } from '../model/tree';
import classes from './task-tree.module.css';
import { TaskTreeRow } from './task-tree-row';

interface TaskTreeProps {
  live: LiveProcess;
  document: GraphDocument;
  selection: Selection;
  stale: boolean;
}

const rowHeight = 30;

function selectedKey(rows: readonly TreeRow[], selection: Selection): string {
  if (selection.task !== undefined) return selection.task;
  if (selection.process !== undefined) return `called:${selection.process}`;
  const row = rows.find(({ node }) => node.kind === 'pending' && node.node === selection.node);
  return row?.node.key ?? rootKey;
}

function isHeld(state: string): boolean {
  return state === 'incident' || state === 'suspended';
}

/** The process as a tree; drawn row by row as it scrolls, and walked with the keys of an ARIA tree. */
export function TaskTree({ live, document, selection, stale }: TaskTreeProps) {
  const { t } = useTranslation('process');
  const [filter, setFilter] = useState('');
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [focused, setFocused] = useState<string>();
  const scroller = useRef<HTMLDivElement>(null);

  const { family, ask } = useFamily(live.process.id);
  const tree = useMemo(() => buildTree(live, document, family), [live, document, family]);
  useAsking(tree, toggled, ask);
  const rows = useMemo(
    () => visibleRows(tree, { toggled, filter, errorsOnly: selection.errorsOnly }),
    [tree, toggled, filter, selection.errorsOnly],
  );
  const firstPending = tree.children.find((node) => node.kind === 'pending')?.key;
  const selected = selectedKey(rows, selection);
  const current = focused !== undefined && rows.some((row) => row.node.key === focused) ? focused : selected;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    getItemKey: (index) => rows[index]?.node.key ?? index,
    initialRect: { width: 376, height: 800 },
  });

  const place = rows.findIndex((row) => row.node.key === current);
  useEffect(() => {
    if (place >= 0) virtual.scrollToIndex(place);
    // Scrolling follows the row that is meant, not every change of the list.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [current]);

  const toggle = (key: string) => {
    setToggled((old) => {
      const next = new Set(old);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  };
  const select = (row: TreeRow) => {
    setFocused(row.node.key);
    const { node } = row;
    if (node.kind === 'earlier') {
      toggle(node.key);
      return;
    }
    if (node.of !== undefined) selection.selectCalled(node.of, node.task?.id);
    else if (node.task) selection.selectTask(node.task.id);
    else selection.selectNode(node.kind === 'process' ? undefined : node.node);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows.find((candidate) => candidate.node.key === current);
    if ((event.key === 'Enter' || event.key === ' ') && row) {
      event.preventDefault();
      select(row);
      return;
    }
    const move = treeKey(rows, current, event.key);
    if (!move) return;
    event.preventDefault();
    if ('toggle' in move) toggle(move.toggle);
    else {
      const target = rows.find((candidate) => candidate.node.key === move.focus);
      if (target) select(target);
    }
  };

  return (
    <section className={classes.panel} aria-label={t('tree.label')}>
      <div className={classes.tools}>
        <TextInput
          className={classes.filter}
          size="xs"
          leftSection={<IconSearch size={14} />}
          placeholder={t('tree.filter')}
          aria-label={t('tree.filter')}
          value={filter}
          onChange={(event) => {
            setFilter(event.currentTarget.value);
          }}
        />
        <Button
          variant={selection.errorsOnly ? 'light' : 'default'}
          color={selection.errorsOnly ? 'red' : undefined}
          leftSection={<IconAlertCircle size={14} />}
          aria-pressed={selection.errorsOnly}
          onClick={() => {
            selection.setErrorsOnly(!selection.errorsOnly);
          }}
        >
          {t('tree.errors_only')}
        </Button>
      </div>
      <div ref={scroller} className={classes.scroller}>
        <div
          role="tree"
          tabIndex={0}
          aria-label={t('tree.label')}
          aria-activedescendant={`tree-${current}`}
          className={classes.tree}
          style={{ height: virtual.getTotalSize() }}
          onKeyDown={onKeyDown}
        >
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <TaskTreeRow
                key={item.key}
                row={row}
                top={item.start}
                selected={row.node.key === selected}
                focused={row.node.key === current}
                animated={!stale}
                held={row.node.key === firstPending && isHeld(live.process.state) ? live.process.state : undefined}
                startedAt={live.process.started_at}
                endedAt={live.process.ended_at}
                onSelect={() => {
                  select(row);
                }}
                onToggle={() => {
                  toggle(row.node.key);
                }}
              />
            );
          })}
        </div>
        {rows.length === 1 && (filter !== '' || selection.errorsOnly) && (
          <p className={classes.nothing}>{t(selection.errorsOnly ? 'tree.no_errors' : 'tree.nothing')}</p>
        )}
      </div>
    </section>
  );
}
