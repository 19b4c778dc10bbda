// A choice: the condition of each branch in the order they are asked, and the one taken otherwise. A parallel gateway says
// what it will do.

import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowRight, IconArrowUp } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { incoming, nodeById, outgoing } from '@/shared/graph/query';
import type { GraphDocument, GraphEdge, GraphNode } from '@/shared/graph/types';

import { useDocument, useSession } from '../hooks/designer-context';
import { useEdgeEdit } from '../hooks/use-edit';
import { ConditionField } from './condition-field';
import classes from './panel.module.css';

export function GatewayForm({ node }: { node: GraphNode }) {
  const { t } = useTranslation('designer');
  const doc = useDocument();
  const branches = outgoing(doc, node.id);
  if (node.kind === 'parallel_gateway') {
    const enters = incoming(doc, node.id).length;
    return (
      <>
        {enters > 1 && <p className={classes.note}>{t('gateway.joins', { count: enters })}</p>}
        {branches.length > 1 && <p className={classes.note}>{t('gateway.splits', { count: branches.length })}</p>}
        {enters < 2 && branches.length < 2 && <p className={classes.note}>{t('gateway.parallel_hint')}</p>}
      </>
    );
  }
  if (node.kind === 'event_gateway') return <p className={classes.note}>{t('gateway.events', { count: branches.length })}</p>;
  const inclusive = node.kind === 'inclusive_gateway';
  return (
    <>
      {inclusive && incoming(doc, node.id).length > 1 && <p className={classes.note}>{t('gateway.gathers')}</p>}
      <p className={classes.note}>{branches.length < 2 ? t('gateway.few') : t(inclusive ? 'gateway.each' : 'gateway.order')}</p>
      {branches.map((edge, index) => (
        <Branch key={edge.id} edge={edge} doc={doc} first={index === 0} last={index === branches.length - 1} />
      ))}
    </>
  );
}

/** Swaps a branch with its neighbour; only the order of the gateway's own flows changes. */
function swapped(doc: GraphDocument, edge: GraphEdge, by: 1 | -1): GraphDocument {
  const own = outgoing(doc, edge.from);
  const other = own[own.indexOf(edge) + by];
  if (other === undefined) return doc;
  return { ...doc, edges: doc.edges.map((each) => (each.id === edge.id ? other : each.id === other.id ? edge : each)) };
}

function Branch({ edge, doc, first, last }: { edge: GraphEdge; doc: GraphDocument; first: boolean; last: boolean }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { change, endTyping } = useEdgeEdit(edge.id);
  const target = nodeById(doc, edge.to);
  const name = target === undefined || target.title === '' ? edge.to : target.title;
  const move = (by: 1 | -1): void => {
    const { doc: current, edit } = context.store.getState();
    edit({ label: { key: 'step.reorder', params: { title: name } }, doc: swapped(current, edge, by) });
  };
  return (
    <div className={classes.branch} data-testid={`branch-${edge.id}`}>
      <div className={classes.branchHead}>
        <IconArrowRight size={14} />
        <button
          type="button"
          className={classes.target}
          onClick={() => {
            context.store.getState().select({ nodes: [], edges: [edge.id] });
          }}
        >
          {name}
        </button>
        <Tooltip label={t('gateway.earlier')}>
          <ActionIcon size={22} aria-label={t('gateway.earlier')} disabled={first} onClick={() => { move(-1); }}>
            <IconArrowUp size={14} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('gateway.later')}>
          <ActionIcon size={22} aria-label={t('gateway.later')} disabled={last} onClick={() => { move(1); }}>
            <IconArrowDown size={14} />
          </ActionIcon>
        </Tooltip>
      </div>
      <TextInput
        size="xs"
        aria-label={t('edge.title')}
        placeholder={t('edge.title')}
        value={edge.title ?? ''}
        maxLength={80}
        onBlur={endTyping}
        onChange={(event) => {
          change({ key: 'step.label_edge' }, { title: event.currentTarget.value }, '/title');
        }}
      />
      {edge.default === true ? (
        <div>
          <p className={classes.note}>{t('edge.is_default')}</p>
          <Button
            mt={4}
            variant="subtle"
            color="gray"
            size="compact-xs"
            onClick={() => {
              change({ key: 'step.condition', params: { title: name } }, { default: false });
            }}
          >
            {t('edge.give_condition')}
          </Button>
        </div>
      ) : (
        <>
          <ConditionField edge={edge} />
          <div>
            <Button
              variant="subtle"
              color="gray"
              size="compact-xs"
              onClick={() => {
                change({ key: 'step.default', params: { title: name } }, { default: true });
              }}
            >
              {t('edge.make_default')}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}
