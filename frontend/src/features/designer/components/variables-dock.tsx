// Below the canvas: what the selected step can read, and what that was in the last run. A click or a drag puts a name into an expression.

import { ActionIcon, ScrollArea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconChevronDown, IconChevronRight, IconSearch, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { calledDocument } from '@/shared/api/called-version';
import { edgeById, nodeById, readableTasks } from '@/shared/graph/query';
import { currentLanguage } from '@/shared/i18n/i18n';
import { Moment } from '@/shared/ui/moment';

import { VARIABLE_TYPE } from '../fields/field-frame';
import { useCatalog, useDesigner, useDocument, useSession, useUi } from '../hooks/designer-context';
import { useLastValues } from '../hooks/use-run-data';
import { scopeAt } from '../model/scope';
import { valueHint, variableRows, withValues, type VariableRow } from '../model/scope-values';
import classes from './variables-dock.module.css';

export function VariablesDock() {
  const opened = useUi((state) => state.variables);
  return opened ? <Dock /> : null;
}

function Dock() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const doc = useDocument();
  const selection = useDesigner((state) => state.selection);
  const edge = edgeById(doc, selection.edges[0]);
  const at = selection.nodes[0] ?? edge?.from;
  const node = nodeById(doc, at);
  const [filter, setFilter] = useState('');
  return (
    <section className={classes.dock} aria-label={t('variables.title')} data-testid="variables-dock">
      <header className={classes.header}>
        <h2>{t('variables.title')}</h2>
        {node !== undefined && <span className={classes.at}>{t('variables.at', { title: node.title === '' ? t(`kind.${node.kind}`) : node.title })}</span>}
        <span className={classes.space} />
        <TextInput
          size="xs"
          w={200}
          aria-label={t('variables.filter')}
          placeholder={t('variables.filter')}
          leftSection={<IconSearch size={13} />}
          value={filter}
          onChange={(event) => {
            setFilter(event.currentTarget.value);
          }}
        />
        <ActionIcon
          size={26}
          aria-label={t('common:action.close')}
          onClick={() => {
            context.ui.setState({ variables: false });
          }}
        >
          <IconX size={15} />
        </ActionIcon>
      </header>
      {node === undefined ? <p className={classes.none}>{t('variables.select')}</p> : <Names key={node.id} node={node.id} filter={filter} />}
    </section>
  );
}

function Names({ node, filter }: { node: string; filter: string }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { types } = useCatalog();
  const client = useQueryClient();
  const doc = useDocument();
  const list = useRef<HTMLDivElement>(null);
  const tasks = useMemo(() => readableTasks(doc, node).map((task) => task.id), [doc, node]);
  const last = useLastValues(tasks, true);
  const [opened, setOpened] = useState<ReadonlySet<string>>(() => new Set(['input', ...tasks.slice(-2).map((id) => `tasks.${id}`)]));
  const names = scopeAt(doc, node, types, currentLanguage(), { called: (call) => calledDocument(client, call) });
  const rows = variableRows(withValues(names, last?.values ?? {}), opened, filter);
  const target = useUi((state) => state.expression);

  const put = (row: VariableRow): void => {
    if (target !== undefined) {
      target.insert(row.path);
      return;
    }
    void navigator.clipboard.writeText(row.path).then(() => {
      notifications.show({ message: t('variables.copied', { path: row.path }) });
    });
  };
  const toggle = (path: string, open: boolean): void => {
    setOpened(new Set(open ? [...opened, path] : [...opened].filter((each) => each !== path)));
  };
  const press = (event: KeyboardEvent, row: VariableRow): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      list.current?.querySelectorAll<HTMLElement>('[data-variable]')[rows.indexOf(row) + step]?.focus();
    } else if ((event.key === 'ArrowRight' || event.key === 'ArrowLeft') && row.opens) {
      event.preventDefault();
      toggle(row.path, event.key === 'ArrowRight');
    } else if (event.key === 'Escape') {
      event.preventDefault();
      context.ui.setState({ variables: false });
    }
  };
  return (
    <>
      <ScrollArea className={classes.scroll} scrollbarSize={6}>
        <div ref={list} className={classes.list} role="list">
          {rows.map((row) => (
            <div key={row.path} role="listitem" className={classes.row}>
              <span className={classes.cell} style={{ paddingLeft: row.depth * 16 }}>
                {row.opens && filter === '' ? (
                  <button
                    type="button"
                    tabIndex={-1}
                    className={classes.fold}
                    aria-label={t(opened.has(row.path) ? 'variables.fold' : 'variables.open', { path: row.path })}
                    onClick={() => {
                      toggle(row.path, !opened.has(row.path));
                    }}
                  >
                    {opened.has(row.path) ? <IconChevronDown size={13} /> : <IconChevronRight size={13} />}
                  </button>
                ) : (
                  <span className={classes.fold} />
                )}
                <button
                  type="button"
                  className={classes.name}
                  draggable
                  data-variable={row.path}
                  title={row.path}
                  onClick={() => {
                    put(row);
                  }}
                  onDragStart={(event) => {
                    event.dataTransfer.effectAllowed = 'copy';
                    event.dataTransfer.setData('text/plain', row.path);
                    event.dataTransfer.setData(VARIABLE_TYPE, row.path);
                  }}
                  onKeyDown={(event) => {
                    press(event, row);
                  }}
                >
                  {row.depth === 0 ? row.path : row.name.name}
                </button>
              </span>
              <span className={classes.type}>{row.name.type === 'any' ? '' : t(`variables.type.${row.name.type}`)}</span>
              <span className={classes.title}>{row.name.title}</span>
              <code className={classes.value}>{valueHint(row.name.value)}</code>
            </div>
          ))}
          {rows.length === 0 && <p className={classes.none}>{t('variables.nothing')}</p>}
        </div>
      </ScrollArea>
      <footer className={classes.footer}>
        {t(target === undefined ? 'variables.hint_copy' : 'variables.hint_insert')}
        <span className={classes.space} />
        {last === undefined ? (
          t('variables.no_run')
        ) : (
          <>
            {t('variables.run', { id: last.process.custom_id === '' ? last.process.id : last.process.custom_id })} <Moment at={last.process.created_at} />
          </>
        )}
      </footer>
    </>
  );
}
