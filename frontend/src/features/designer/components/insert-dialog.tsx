// One dialog for every way to add a step or to connect to one: typed letters, arrows, Enter.

import { Modal, ScrollArea, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { canConnect } from '@/shared/graph/connect';
import { connect } from '@/shared/graph/edit';
import { localized } from '@/shared/graph/node-type';
import { nodeById } from '@/shared/graph/query';
import { currentLanguage } from '@/shared/i18n/i18n';

import { useCatalog, useSession, useUi } from '../hooks/designer-context';
import { rank } from '../model/fuzzy';
import { fits, insertItem } from '../model/insert-item';
import { searchItems, type PaletteItem } from '../model/palette';
import { titleOfNode } from '../model/selection';
import { rememberItem, recentItems } from '../store/recent-items';
import type { InsertTarget } from '../store/ui-store';
import classes from './insert-dialog.module.css';
import { ItemTile, NodeTile } from './item-tile';
import { Keys } from './key-hint';

interface Row {
  id: string;
  section: string;
  title: string;
  detail: string;
  tile: React.ReactNode;
  pick: (stay: boolean) => void;
}

export function InsertDialog() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const target = useUi((state) => state.insert);
  const connectFrom = useUi((state) => state.connectFrom);
  const opened = target !== undefined || connectFrom !== undefined;
  const close = (): void => {
    context.ui.setState({ insert: undefined, connectFrom: undefined });
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      withCloseButton={false}
      padding={0}
      size={520}
      overlayProps={{ backgroundOpacity: 0.18 }}
      shadow="xl"
      yOffset="14vh"
      centered={false}
      aria-label={connectFrom === undefined ? t('insert.title') : t('insert.connect')}
      data-testid="insert-dialog"
    >
      {target !== undefined && <InsertList target={target} onClose={close} />}
      {target === undefined && connectFrom !== undefined && <ConnectList from={connectFrom} onClose={close} />}
    </Modal>
  );
}

function InsertList({ target, onClose }: { target: InsertTarget; onClose: () => void }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { items } = useCatalog();
  const [query, setQuery] = useState('');
  const locale = currentLanguage();
  const [current, setCurrent] = useState(target);
  const rows = useMemo(() => {
    const { doc } = context.store.getState();
    const legal = items.filter((item) => fits(doc, item, current));
    const found = searchItems(legal, query, locale);
    const recent = query === '' ? recentItems().flatMap((id) => found.filter((item) => item.id === id)).slice(0, 3) : [];
    const row = (item: PaletteItem, section: string): Row => ({
      id: `${section}:${item.id}`,
      section,
      title: localized(item.title, locale),
      detail: localized(item.doc, locale),
      tile: <ItemTile item={item} size={32} />,
      pick: (stay) => {
        rememberItem(item.id);
        const id = insertItem(context, item, current);
        if (!stay || id === undefined || item.kind === 'end_event') onClose();
        else {
          setCurrent({ where: 'after', node: id });
          setQuery('');
        }
      },
    });
    const rest = found.filter((item) => !recent.includes(item));
    return [...recent.map((item) => row(item, t('insert.recent'))), ...rest.map((item) => row(item, query === '' ? localized(item.category, locale) : ''))];
  }, [context, items, current, query, locale, onClose, t]);
  const sorted = useMemo(() => (query === '' ? bySection(rows) : rows), [rows, query]);
  const { doc } = context.store.getState();
  const after = current.where === 'after' ? nodeById(doc, current.node) : undefined;
  const hint = after === undefined ? t(`insert.where_${current.where}`) : t('insert.where_after', { title: after.title });
  return <RowList rows={sorted} query={query} setQuery={setQuery} placeholder={t('insert.placeholder')} hint={hint} empty={t('palette.nothing')} mayStay />;
}

function bySection(rows: readonly Row[]): Row[] {
  const order = [...new Set(rows.map((row) => row.section))];
  return order.flatMap((section) => rows.filter((row) => row.section === section));
}

function ConnectList({ from, onClose }: { from: string; onClose: () => void }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { types } = useCatalog();
  const [query, setQuery] = useState('');
  const { doc, edit } = context.store.getState();
  const rows = rank(
    query,
    doc.nodes.filter((node) => canConnect(doc, from, node.id).legal),
    (node) => [node.title, node.id],
  ).map(
    (node): Row => ({
      id: node.id,
      section: '',
      title: node.title === '' ? t(`kind.${node.kind}`) : node.title,
      detail: node.id,
      tile: <NodeTile node={node} type={types[node.service?.type ?? '']} size={32} />,
      pick: () => {
        const next = connect(doc, from, node.id);
        const label = { key: 'step.connect', params: { from: titleOfNode(context, from), to: titleOfNode(context, node.id) } };
        edit({ label, doc: next.doc, selection: { nodes: [node.id], edges: [] } });
        onClose();
      },
    }),
  );
  return (
    <RowList
      rows={rows}
      query={query}
      setQuery={setQuery}
      placeholder={t('insert.connect_placeholder')}
      hint={t('insert.connect_hint', { title: titleOfNode(context, from) })}
      empty={t('insert.connect_nothing')}
    />
  );
}

interface RowListProps {
  rows: readonly Row[];
  query: string;
  setQuery: (query: string) => void;
  placeholder: string;
  hint: string;
  empty: string;
  mayStay?: boolean;
}

function RowList({ rows, query, setQuery, placeholder, hint, empty, mayStay = false }: RowListProps) {
  const { t } = useTranslation('designer');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const active = Math.min(at, rows.length - 1);
  useEffect(() => {
    list.current?.querySelector('[data-active="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const next = active + (event.key === 'ArrowDown' ? 1 : -1);
      setAt((next + rows.length) % Math.max(1, rows.length));
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      rows[active]?.pick(mayStay && (event.ctrlKey || event.metaKey));
    }
  };
  return (
    <div className={classes.dialog}>
      <TextInput
        className={classes.input}
        variant="unstyled"
        size="md"
        data-autofocus
        autoFocus
        placeholder={placeholder}
        aria-label={placeholder}
        aria-controls="insert-list"
        leftSection={<IconSearch size={17} />}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ScrollArea.Autosize mah="46vh" scrollbarSize={6} className={classes.scroll}>
        <div ref={list} id="insert-list" role="listbox" aria-label={placeholder} className={classes.list}>
          {rows.map((row, index) => (
            <div key={row.id}>
              {row.section !== '' && rows[index - 1]?.section !== row.section && <h4 className={classes.section}>{row.section}</h4>}
              {/* The keyboard stays in the text field above, which moves the active option. */}
              {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events -- see above */}
              <div
                role="option"
                tabIndex={-1}
                aria-selected={index === active}
                data-active={index === active}
                data-testid={`insert-${row.id.split(':').slice(1).join(':') || row.id}`}
                className={classes.row}
                onMouseMove={() => {
                  setAt(index);
                }}
                onClick={(event) => {
                  row.pick(mayStay && (event.ctrlKey || event.metaKey));
                }}
              >
                {row.tile}
                <span className={classes.texts}>
                  <span className={classes.name}>{row.title}</span>
                  <span className={classes.detail}>{row.detail}</span>
                </span>
              </div>
            </div>
          ))}
          {rows.length === 0 && <p className={classes.empty}>{empty}</p>}
        </div>
      </ScrollArea.Autosize>
      <footer className={classes.footer}>
        <span className={classes.hint}>{hint}</span>
        <span>
          <Keys keys="Enter" /> {t('insert.enter')}
        </span>
        {mayStay && (
          <span>
            <Keys keys="$mod+Enter" /> {t('insert.stay')}
          </span>
        )}
      </footer>
    </div>
  );
}
