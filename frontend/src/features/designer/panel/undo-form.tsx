// Compensation: what undoes an activity, what an event undoes, and what a step that undoes has at hand.

import { Button, Select } from '@mantine/core';
import { IconPlayerTrackPrev } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { insertHandler } from '@/shared/graph/insert';
import { handlersFor, nodeById, undoableIn, undoneBy } from '@/shared/graph/query';
import type { GraphNode } from '@/shared/graph/types';

import { FieldFrame } from '../fields/field-frame';
import { useDocument, useSession } from '../hooks/designer-context';
import { useNodeEdit } from '../hooks/use-edit';
import classes from './panel.module.css';

const titled = (node: GraphNode): string => (node.title === '' ? node.id : node.title);

/** Which step undoes an activity. A step that undoes others has nobody who undoes it. */
export function UndoneByForm({ node }: { node: GraphNode }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { change } = useNodeEdit(node.id);
  const doc = useDocument();
  if (undoneBy(doc, node.id).length > 0) return null;
  const handler = nodeById(doc, node.undone_by);
  const set = (id: string | null): void => {
    change({ key: 'step.change_field', params: { field: t('undo.by'), title: node.title } }, ({ undone_by: _, ...rest }) => (id === null ? rest : { ...rest, undone_by: id }));
  };
  const add = (): void => {
    const title = t('undo.new_title', { title: titled(node) });
    const inserted = insertHandler(context.store.getState().doc, node.id, title);
    if (inserted === undefined) return;
    context.store.getState().edit({ label: { key: 'step.insert', params: { title } }, doc: inserted.doc, selection: { nodes: [inserted.id], edges: [] } });
  };
  return (
    <>
      <h4 className={classes.section}>{t('undo.title')}</h4>
      <p className={classes.note}>{t('undo.hint')}</p>
      <FieldFrame field="/undone_by" owner={{ node: node.id }} label={t('undo.by')}>
        <Select
          aria-label={t('undo.by')}
          data-testid="undone-by"
          clearable
          placeholder={t('undo.nobody')}
          data={handlersFor(doc, node.id).map((each) => ({ value: each.id, label: titled(each) }))}
          value={node.undone_by ?? null}
          onChange={set}
        />
      </FieldFrame>
      {handler === undefined ? (
        <Button variant="default" size="compact-xs" leftSection={<IconPlayerTrackPrev size={13} />} data-testid="add-handler" onClick={add} style={{ alignSelf: 'flex-start' }}>
          {t('undo.add')}
        </Button>
      ) : (
        <Button
          variant="default"
          size="compact-xs"
          style={{ alignSelf: 'flex-start' }}
          onClick={() => {
            context.store.getState().select({ nodes: [handler.id], edges: [] });
          }}
        >
          {t('undo.go', { title: titled(handler) })}
        </Button>
      )}
    </>
  );
}

/** What an event undoes: one activity, or all that has completed in its level. */
export function UndoesField({ node }: { node: GraphNode }) {
  const { t } = useTranslation('designer');
  const { change } = useNodeEdit(node.id);
  const doc = useDocument();
  const all = undoableIn(doc, node.parent);
  const known = nodeById(doc, node.undoes);
  const choices = known === undefined || all.includes(known) ? all : [...all, known];
  return (
    <FieldFrame field="/undoes" owner={{ node: node.id }} label={t('undo.what')} description={t(node.undoes === undefined ? 'undo.all_text' : 'undo.one_text')}>
      <Select
        aria-label={t('undo.what')}
        data-testid="undoes"
        allowDeselect={false}
        data={[{ value: '', label: t('undo.all') }, ...choices.map((each) => ({ value: each.id, label: titled(each) }))]}
        value={node.undoes ?? ''}
        onChange={(id) => {
          const label = { key: 'step.change_field', params: { field: t('undo.what'), title: node.title } };
          change(label, ({ undoes: _, ...rest }) => (id === null || id === '' ? rest : { ...rest, undoes: id }));
        }}
      />
    </FieldFrame>
  );
}

export function CompensationForm({ node }: { node: GraphNode }) {
  const { t } = useTranslation('designer');
  return (
    <>
      <p className={classes.note}>{t('undo.note')}</p>
      <UndoesField node={node} />
    </>
  );
}

/** Of a step that undoes others: which ones, and the names under which their data are read. */
export function HandlerNote({ node }: { node: GraphNode }) {
  const { t } = useTranslation('designer');
  const doc = useDocument();
  const hosts = undoneBy(doc, node.id).map((id) => nodeById(doc, id)).filter((each) => each !== undefined);
  if (hosts.length === 0) return null;
  return (
    <p className={classes.note} data-testid="handler-note">
      {t('undo.handler_note', { what: hosts.map((each) => `«${titled(each)}»`).join(', ') })}
    </p>
  );
}
