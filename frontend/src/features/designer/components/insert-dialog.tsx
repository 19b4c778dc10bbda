// One dialog for every way to add a step, to make it another one, or to connect to one: typed letters, arrows, Enter.

import { Modal } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { canConnect } from '@/shared/graph/connect';
import { connect } from '@/shared/graph/edit';
import { localized } from '@/shared/graph/node-type';
import { nodeById } from '@/shared/graph/query';
import { currentLanguage } from '@/shared/i18n/i18n';

import { useCatalog, useSession, useUi } from '../hooks/designer-context';
import { rank } from '../model/fuzzy';
import { fits, insertItem } from '../model/insert-item';
import { groupItems, searchItems, type PaletteItem } from '../model/palette';
import { titleOfNode } from '../model/selection';
import { rememberItem, recentItems } from '../store/recent-items';
import type { InsertTarget, UiState } from '../store/ui-store';
import { ItemTile, NodeTile } from './item-tile';
import { RowList, type Row } from './row-list';

export function InsertDialog() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const target = useUi((state) => state.insert);
  const wire = useUi((state) => state.connect);
  const close = (): void => {
    context.ui.setState({ insert: undefined, connect: undefined });
  };
  return (
    <Modal
      opened={target !== undefined || wire !== undefined}
      onClose={close}
      withCloseButton={false}
      padding={0}
      size={520}
      overlayProps={{ backgroundOpacity: 0.18 }}
      shadow="xl"
      yOffset="14vh"
      centered={false}
      attributes={{ content: { 'aria-label': wire !== undefined ? t('insert.connect') : target?.where === 'replace' ? t('insert.replace') : t('insert.title') } }}
      data-testid="insert-dialog"
    >
      {target !== undefined && <InsertList target={target} onClose={close} />}
      {target === undefined && wire !== undefined && <ConnectList wire={wire} onClose={close} />}
    </Modal>
  );
}

/** Without a query: what was used lately, then by category; with one: the best match first. */
function useFound(target: InsertTarget, query: string): { item: PaletteItem; section: string }[] {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { items } = useCatalog();
  const locale = currentLanguage();
  return useMemo(() => {
    const { doc } = context.store.getState();
    const { level } = context.ui.getState().view;
    const legal = items.filter((item) => fits(doc, item, target, level));
    if (query !== '') return searchItems(legal, query, locale).map((item) => ({ item, section: '' }));
    const recent = recentItems().flatMap((id) => legal.filter((item) => item.id === id)).slice(0, 3);
    const rest = groupItems(legal.filter((item) => !recent.includes(item)), locale);
    return [
      ...recent.map((item) => ({ item, section: t('insert.recent') })),
      ...rest.flatMap((group) => group.items.map((item) => ({ item, section: localized(group.category, locale) }))),
    ];
  }, [context, items, target, query, locale, t]);
}

function InsertList({ target, onClose }: { target: InsertTarget; onClose: () => void }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const [query, setQuery] = useState('');
  const [current, setCurrent] = useState(target);
  const locale = currentLanguage();
  const rows = useFound(current, query).map(
    ({ item, section }): Row => ({
      id: `${section}:${item.id}`,
      section,
      title: localized(item.title, locale),
      detail: localized(item.doc, locale).replaceAll('`', ''),
      tile: <ItemTile item={item} size={32} />,
      pick: (stay) => {
        rememberItem(item.id);
        const id = insertItem(context, item, current);
        if (!stay || id === undefined || item.kind === 'end_event' || current.where === 'replace') {
          onClose();
          // The keyboard goes on where the new step stands.
          if (id !== undefined) setTimeout(() => context.canvas()?.show(id, { focus: true }), 60);
          return;
        }
        setCurrent({ where: 'after', node: id });
        setQuery('');
      },
    }),
  );
  return (
    <RowList
      rows={rows}
      query={query}
      setQuery={setQuery}
      placeholder={t('insert.placeholder')}
      hint={hintOf(t, context.store.getState().doc, current)}
      empty={t('palette.nothing')}
      enter={current.where === 'replace' ? t('insert.replace_enter') : t('insert.enter')}
      mayStay={current.where !== 'replace'}
    />
  );
}

function hintOf(t: ReturnType<typeof useTranslation>['t'], doc: Parameters<typeof nodeById>[0], target: InsertTarget): string {
  if (!('node' in target)) return t(`designer:insert.where_${target.where}`);
  const node = nodeById(doc, target.node);
  const title = node === undefined ? '' : node.title === '' ? t(`designer:kind.${node.kind}`) : node.title;
  return t(`designer:insert.where_${target.where}`, { title });
}

function ConnectList({ wire, onClose }: { wire: NonNullable<UiState['connect']>; onClose: () => void }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { types } = useCatalog();
  const [query, setQuery] = useState('');
  const { doc, edit } = context.store.getState();
  const outward = 'from' in wire;
  const ends = (other: string): [from: string, to: string] => ('from' in wire ? [wire.from, other] : [other, wire.to]);
  const rows = rank(
    query,
    doc.nodes.filter((node) => canConnect(doc, ...ends(node.id)).legal),
    (node) => [node.title, node.id],
  ).map(
    (node): Row => ({
      id: node.id,
      section: '',
      title: node.title === '' ? t(`kind.${node.kind}`) : node.title,
      detail: node.id,
      tile: <NodeTile node={node} type={types[node.service?.type ?? '']} size={32} />,
      pick: () => {
        const [from, to] = ends(node.id);
        const next = connect(doc, from, to);
        const label = { key: 'step.connect', params: { from: titleOfNode(context, from), to: titleOfNode(context, to) } };
        edit({ label, doc: next.doc, selection: { nodes: [node.id], edges: [] } });
        onClose();
        setTimeout(() => context.canvas()?.show(node.id, { focus: true }), 60);
      },
    }),
  );
  const title = titleOfNode(context, 'from' in wire ? wire.from : wire.to);
  return (
    <RowList
      rows={rows}
      query={query}
      setQuery={setQuery}
      placeholder={t(outward ? 'insert.connect_placeholder' : 'insert.connect_from_placeholder')}
      hint={t(outward ? 'insert.connect_hint' : 'insert.connect_from_hint', { title })}
      empty={t('insert.connect_nothing')}
      enter={t('insert.connect_enter')}
    />
  );
}
