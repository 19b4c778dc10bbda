// A decision table with all the room there is: its tools, the sheet, and what there is to say of the cell one is in.

import { ActionIcon, Button, Divider, Modal, Popover, Select, Tooltip } from '@mantine/core';
import { IconAlertTriangleFilled, IconArrowDown, IconArrowUp, IconCopyPlus, IconExclamationCircleFilled, IconFlask, IconHelp, IconHistory, IconRowInsertBottom, IconRowInsertTop, IconTrash, IconX } from '@tabler/icons-react';
import { useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';

import type { GraphNode, HitPolicy } from '@/shared/graph/types';

import { useProblems, useSession, useUi } from '../hooks/designer-context';
import { problemText, tablePlace } from '../model/problem-text';
import type { Problem } from '../model/problems';
import { textAt, widthOf } from '../model/table-cells';
import { columnName, fieldOf, MAX_COLUMNS, placeOf, withColumn } from '../model/table-edit';
import { START, type Cursor } from './grid-cursor';
import { TableGrid, type GridApi } from './table-grid';
import { useTable } from './use-table';
import { useTries, type UseTries } from './use-tries';
import classes from './table.module.css';

const HITS: readonly HitPolicy[] = ['unique', 'first', 'any', 'collect'];
const SHOWN_PROBLEMS = 3;

export function TableDialog({ node }: { node: GraphNode }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const opened = useUi((state) => (state.table?.node === node.id ? state.table : undefined));
  const close = (): void => {
    context.store.getState().endTyping();
    context.ui.setState({ table: undefined });
  };
  return (
    <Modal
      opened={opened !== undefined}
      onClose={close}
      withCloseButton={false}
      closeOnEscape={false}
      onKeyDown={(event) => {
        // What is open above the sheet takes Escape first.
        const above = !(event.target instanceof Element) || !event.currentTarget.contains(event.target) || event.target.getAttribute('aria-expanded') === 'true';
        if (event.key === 'Escape' && !event.defaultPrevented && !above) close();
      }}
      size="min(1480px, 94vw)"
      padding={0}
      overlayProps={{ backgroundOpacity: 0.28 }}
      attributes={{ content: { 'aria-label': t('decision.sheet', { title: node.title }) } }}
      classNames={{ body: classes.body, content: classes.content }}
      data-testid="table-dialog"
    >
      {opened !== undefined && <Sheet node={node} field={opened.field} onClose={close} />}
    </Modal>
  );
}

function Sheet({ node, field, onClose }: { node: GraphNode; field: string; onClose: () => void }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { table, change } = useTable(node);
  const tries = useTries(node, table);
  const grid = useRef<GridApi>(null);
  const [cursor] = useState(() => createStore<Cursor>()(() => START));
  const [refusal, setRefusal] = useState<string>();
  const { readOnly } = context;
  return (
    <>
      <header className={classes.header}>
        <h2 className={classes.title}>{node.title === '' ? t('kind.decision_task') : node.title}</h2>
        <Tooltip label={t(`decision.${table.hit}_hint`)}>
          <Select
            className={classes.hit}
            size="xs"
            aria-label={t('decision.hit')}
            allowDeselect={false}
            disabled={readOnly}
            data={HITS.map((hit) => ({ value: hit, label: t(`decision.${hit}`) }))}
            value={table.hit}
            onChange={(value) => {
              const hit = HITS.find((each) => each === value);
              if (hit !== undefined && hit !== table.hit) change('hit', (each) => ({ ...each, hit }));
            }}
          />
        </Tooltip>
        <Divider orientation="vertical" />
        <Tool label={t('decision.insert_above')} keys="Ctrl+Shift+Enter" run={() => grid.current?.insert(false)}>
          <IconRowInsertTop size={17} />
        </Tool>
        <Tool label={t('decision.insert_below')} keys="Ctrl+Enter" run={() => grid.current?.insert(true)}>
          <IconRowInsertBottom size={17} />
        </Tool>
        <Tool label={t('decision.duplicate_rule')} keys="" run={() => grid.current?.duplicate()}>
          <IconCopyPlus size={17} />
        </Tool>
        <Tool label={t('decision.move_up')} keys="Alt+↑" run={() => grid.current?.move(-1)}>
          <IconArrowUp size={17} />
        </Tool>
        <Tool label={t('decision.move_down')} keys="Alt+↓" run={() => grid.current?.move(1)}>
          <IconArrowDown size={17} />
        </Tool>
        <Tool label={t('decision.remove_rule')} keys="Ctrl+Delete" run={() => grid.current?.remove()}>
          <IconTrash size={16} />
        </Tool>
        <Divider orientation="vertical" />
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          disabled={readOnly || table.inputs.length >= MAX_COLUMNS}
          onClick={() => {
            change('add_column', (each) => withColumn(each, 'input', each.inputs.length), { column: t('decision.input', { number: table.inputs.length + 1 }) });
            setTimeout(() => grid.current?.show({ row: -1, column: table.inputs.length }));
          }}
        >
          + {t('decision.input_one')}
        </Button>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          disabled={readOnly || table.outputs.length >= MAX_COLUMNS}
          onClick={() => {
            change('add_column', (each) => withColumn(each, 'output', each.outputs.length), { column: t('decision.output', { number: table.outputs.length + 1 }) });
            setTimeout(() => grid.current?.show({ row: -1, column: widthOf(table) }));
          }}
        >
          + {t('decision.output_one')}
        </Button>
        <span className={classes.space} />
        <Button
          variant={tries.opened ? 'light' : 'default'}
          leftSection={<IconFlask size={15} />}
          aria-pressed={tries.opened}
          data-testid="try-table"
          onClick={() => {
            tries.open(!tries.opened);
          }}
        >
          {t('decision.try')}
        </Button>
        <SyntaxHelp />
        <ActionIcon size={30} aria-label={t('common:action.close')} onClick={onClose}>
          <IconX size={17} />
        </ActionIcon>
      </header>
      <TableGrid node={node} start={placeOf(table, field)} tries={tries} ref={grid} followed={cursor} onRefused={setRefusal} />
      {tries.opened && <TriedLine tries={tries} />}
      <StatusLine
        node={node}
        followed={cursor}
        refusal={refusal}
        onGo={(problem) => grid.current?.show(placeOf(table, problem.field))}
      />
    </>
  );
}

function Tool({ label, keys, run, children }: { label: string; keys: string; run: () => void; children: ReactNode }) {
  const { context } = useSession();
  return (
    <Tooltip label={keys === '' ? label : `${label} · ${keys}`}>
      <ActionIcon size={30} aria-label={label} disabled={context.readOnly} onClick={run}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function TriedLine({ tries }: { tries: UseTries }) {
  const { t } = useTranslation('designer');
  const rules = [...tries.hits.keys()].map((row) => row + 1).join(', ');
  const asked = tries.texts.some((text) => text.trim() !== '');
  return (
    <div className={classes.triedLine} data-wrong={tries.error !== undefined || undefined} role="status" data-testid="tried">
      <IconFlask size={15} aria-hidden />
      {tries.error ?? (!asked ? t('decision.try_hint') : rules === '' ? t('decision.try_none') : t('decision.try_hits', { rules }))}
      <span className={classes.space} />
      {tries.fill !== undefined && (
        <Button size="compact-xs" variant="subtle" leftSection={<IconHistory size={13} />} onClick={tries.fill}>
          {t('decision.try_fill')}
        </Button>
      )}
    </div>
  );
}

/** The cell one is in, in full, and what is wrong with it; else what is wrong with the table. */
function StatusLine({ node, followed, refusal, onGo }: { node: GraphNode; followed: StoreApi<Cursor>; refusal: string | undefined; onGo: (problem: Problem) => void }) {
  const { t } = useTranslation(['designer', 'problems']);
  const { table } = useTable(node);
  const cursor = useStore(followed);
  const own = useProblems().filter((problem) => problem.node === node.id && problem.field.startsWith('/decision'));
  const field = fieldOf(table, cursor.at);
  const here = own.find((problem) => problem.field === field) ?? own.find((problem) => problem.field === `/decision/rules/${String(cursor.at.row)}`);
  const others = own.filter((problem) => problem !== here);
  const { row, column } = cursor.at;
  return (
    <footer className={classes.status} data-testid="table-status">
      <div className={classes.cellLine}>
        {widthOf(table) > 0 && (
          <>
            <b>{row < 0 ? t('decision.head') : row >= table.rules.length ? t('decision.new_rule') : t('decision.rule', { number: row + 1 })}</b>
            <span className={classes.where}>{columnName(table, column)}</span>
            <code className={classes.full}>{row < 0 ? (table.inputs[column] ?? '') : textAt(table, cursor.at)}</code>
          </>
        )}
        <span className={classes.space} />
        <span className={classes.sum}>{t('decision.count', { count: table.rules.length })}</span>
      </div>
      {refusal !== undefined && (
        <p className={classes.said} data-severity="error" role="alert">
          <IconExclamationCircleFilled size={14} aria-hidden /> {refusal}
        </p>
      )}
      {here !== undefined && (
        <p className={classes.said} data-severity={here.severity}>
          {here.severity === 'error' ? <IconExclamationCircleFilled size={14} aria-hidden /> : <IconAlertTriangleFilled size={14} aria-hidden />} {problemText(t, here)}
        </p>
      )}
      {others.length > 0 && (
        <ul className={classes.others}>
          {others.slice(0, SHOWN_PROBLEMS).map((problem) => (
            <li key={problem.id}>
              <button
                type="button"
                className={classes.said}
                data-severity={problem.severity}
                onClick={() => {
                  onGo(problem);
                }}
              >
                {problem.severity === 'error' ? <IconExclamationCircleFilled size={14} aria-hidden /> : <IconAlertTriangleFilled size={14} aria-hidden />}
                <Whose place={tablePlace(t, problem, table)} />
                {problemText(t, problem)}
              </button>
            </li>
          ))}
          {others.length > SHOWN_PROBLEMS && <li className={classes.sum}>{t('decision.more_problems', { count: others.length - SHOWN_PROBLEMS })}</li>}
        </ul>
      )}
    </footer>
  );
}

function Whose({ place }: { place: string | undefined }) {
  return place === undefined ? null : <b>{place}</b>;
}

const SYNTAX = ['5', 'draft, sent', '> 100', '1..5', '!= 0', 'true', '"a, b"', '-', '=input.total > 5'] as const;
const KEYS = ['Enter', 'Tab', 'F2', 'Delete', 'Ctrl+C, Ctrl+V', 'Ctrl+D', 'Ctrl+Enter', 'Ctrl+Delete', 'Alt+↑, Alt+↓', 'Alt+←, Alt+→'] as const;

function SyntaxHelp() {
  const { t } = useTranslation('designer');
  return (
    <Popover width={420} position="bottom-end" withinPortal>
      <Popover.Target>
        <ActionIcon size={30} aria-label={t('decision.help')}>
          <IconHelp size={18} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <h3 className={classes.helpTitle}>{t('decision.help_cells')}</h3>
        <dl className={classes.help}>
          {SYNTAX.map((cell, index) => (
            <div key={cell}>
              <dt>
                <code>{cell}</code>
              </dt>
              <dd>{t(`decision.syntax.${String(index)}`)}</dd>
            </div>
          ))}
        </dl>
        <p className={classes.helpNote}>{t('decision.help_outputs')}</p>
        <h3 className={classes.helpTitle}>{t('decision.help_keys')}</h3>
        <dl className={classes.help}>
          {KEYS.map((keys, index) => (
            <div key={keys}>
              <dt>
                <kbd>{keys}</kbd>
              </dt>
              <dd>{t(`decision.key.${String(index)}`)}</dd>
            </div>
          ))}
        </dl>
      </Popover.Dropdown>
    </Popover>
  );
}
