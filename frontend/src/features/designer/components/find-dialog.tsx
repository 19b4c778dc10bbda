// Finding a step by its title, its id, or by what its fields say, wherever it is hidden.

import { Modal } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { around, nodeById } from '@/shared/graph/query';
import type { GraphNode } from '@/shared/graph/types';

import { useCatalog, useSession, useUi } from '../hooks/designer-context';
import { rank } from '../model/fuzzy';
import { selectNode } from '../model/view-actions';
import { NodeTile } from './item-tile';
import { RowList, type Row } from './row-list';

export function FindDialog() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const opened = useUi((state) => state.dialog === 'find');
  const close = (): void => {
    context.ui.setState({ dialog: undefined });
  };
  return (
    <Modal opened={opened} onClose={close} withCloseButton={false} padding={0} size={520} overlayProps={{ backgroundOpacity: 0.18 }} shadow="xl" yOffset="14vh" centered={false} attributes={{ content: { 'aria-label': t('action.find') } }} data-testid="find-dialog">
      <Find onClose={close} />
    </Modal>
  );
}

/** Where a text stands in the fields of a step: a few words around it. */
function inside(node: GraphNode, wanted: string): string | undefined {
  const { id: _i, title: _t, kind: _k, parent: _p, ...fields } = node;
  const text = JSON.stringify(fields);
  const at = text.toLowerCase().indexOf(wanted.toLowerCase());
  if (at < 0) return undefined;
  const from = Math.max(0, at - 24);
  return `${from > 0 ? '…' : ''}${text.slice(from, at + wanted.length + 32).replaceAll(/["{}\\]/g, ' ').replaceAll(/\s+/g, ' ').trim()}…`;
}

function Find({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { types } = useCatalog();
  const [query, setQuery] = useState('');
  const { doc } = context.store.getState();
  const found = useMemo(() => {
    const named = rank(query, doc.nodes, (node) => [node.title, node.id, t(`kind.${node.kind}`)]);
    if (query.trim().length < 2) return named.map((node) => ({ node, where: undefined }));
    const known = new Set(named);
    const held = doc.nodes.flatMap((node) => {
      const where = known.has(node) ? undefined : inside(node, query.trim());
      return where === undefined ? [] : [{ node, where }];
    });
    return [...named.map((node) => ({ node, where: undefined })), ...held];
  }, [doc, query, t]);
  const rows = found.slice(0, 200).map(({ node, where }): Row => {
    const levels = around(doc, node.id).reverse().map((id) => nodeById(doc, id)?.title ?? id);
    return {
      id: node.id,
      section: '',
      title: node.title === '' ? t(`kind.${node.kind}`) : node.title,
      detail: where ?? [...levels, node.id].join(' › '),
      tile: <NodeTile node={node} type={types[node.service?.type ?? '']} size={32} />,
      pick: () => {
        onClose();
        setTimeout(() => {
          selectNode(context, node.id);
        }, 30);
      },
    };
  });
  return <RowList rows={rows} query={query} setQuery={setQuery} placeholder={t('find.placeholder')} hint={t('find.hint')} empty={t('palette.nothing')} enter={t('find.enter')} />;
}
