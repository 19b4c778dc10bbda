// What a node is: tile, title, node type, id; title and id are edited where they stand.

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Tooltip } from '@mantine/core';

import { canRename, renameNode, setTitle } from '@/shared/graph/edit';
import { isNodeId } from '@/shared/graph/ids';
import type { NodeType } from '@/shared/graph/node-type';
import { readersOf } from '@/shared/graph/query';
import type { GraphNode } from '@/shared/graph/types';

import { useSession } from '../hooks/designer-context';
import { NodeTile } from '../components/item-tile';
import classes from './panel.module.css';

export function NodeHeader({ node, type }: { node: GraphNode; type: NodeType | undefined }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const what = node.service?.type ?? t(`kind.${node.kind}`);
  return (
    <header className={classes.header}>
      <NodeTile node={node} type={type} size={34} />
      <div className={classes.names}>
        <textarea
          className={classes.title}
          data-field="/title"
          aria-label={t('panel.title')}
          rows={1}
          maxLength={120}
          readOnly={context.readOnly}
          value={node.title}
          placeholder={t(`kind.${node.kind}`)}
          onChange={(event) => {
            const { doc, edit } = context.store.getState();
            const title = event.currentTarget.value.replaceAll(/\s*\n\s*/g, ' ');
            edit({ label: { key: 'step.rename', params: { title } }, doc: setTitle(doc, node.id, title), typing: `${node.id}/title` });
          }}
          onBlur={() => {
            context.store.getState().endTyping();
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter' || event.key === 'Escape') {
              event.preventDefault();
              event.currentTarget.blur();
              context.canvas()?.show(node.id, { focus: true });
            }
          }}
        />
        <div className={classes.sub}>
          <span>{what}</span>
          <span>·</span>
          <NodeIdInput key={node.id} node={node} />
        </div>
      </div>
    </header>
  );
}

/** Renaming an id rewrites every expression that reads it. */
function NodeIdInput({ node }: { node: GraphNode }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const [typed, setTyped] = useState<string>();
  if (typed === undefined) {
    return (
      <Tooltip label={t('panel.rename_id')}>
        <button
          type="button"
          className={classes.id}
          disabled={context.readOnly}
          data-testid="node-id"
          onClick={() => {
            setTyped(node.id);
          }}
        >
          {node.id}
        </button>
      </Tooltip>
    );
  }
  const { doc } = context.store.getState();
  const refusal = canRename(doc, node.id, typed);
  const finish = (): void => {
    setTyped(undefined);
    if (refusal !== undefined || typed === node.id || !isNodeId(typed)) return;
    const { doc: current, edit } = context.store.getState();
    const label = { key: 'step.rename_id', params: { from: node.id, to: typed, count: readersOf(current, node.id).length } };
    edit({ label, doc: renameNode(current, node.id, typed), selection: { nodes: [typed], edges: [] } });
  };
  return (
    <input
      className={classes.idInput}
      // The field replaces the button that was just pressed.
      autoFocus
      aria-label={t('panel.id')}
      aria-invalid={refusal !== undefined}
      title={refusal === undefined ? undefined : t(`refusal.${refusal}`)}
      value={typed}
      maxLength={63}
      onFocus={(event) => {
        event.currentTarget.select();
      }}
      onChange={(event) => {
        setTyped(event.currentTarget.value.toLowerCase().replaceAll(/[\s-]+/g, '_'));
      }}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') {
          event.stopPropagation();
          setTyped(undefined);
        }
      }}
    />
  );
}
