// A form with all the room there is: its fields, the one that is chosen, and how people will see it; or the whole as JSON.

import { ActionIcon, Button, Menu, Modal, ScrollArea, SegmentedControl, Switch } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { isObject } from '@/shared/graph/json-schema';
import type { GraphNode } from '@/shared/graph/types';
import { LoadingRows } from '@/shared/ui/faces';

import { useProblems, useSession, useUi } from '../hooks/designer-context';
import { problemText } from '../model/problem-text';
import { problemsOfField } from '../model/problems';
import { changedAt, FIELD_KINDS, formFields, movedField, otherRules, pointerOf, schemaAt, withField, withKeyword, withoutField, type FieldKind, type Inside } from '../model/form-schema';
import { newField } from '../model/input-fields';
import { FieldDetails } from './field-details';
import { FieldTree, KindIcon } from './field-tree';
import { FormPreview } from './form-preview';
import { formRows, rowAt, type FormRow } from './form-rows';
import type { JsonComplaint } from './json-editor';
import { formPointerOf, useForm } from './use-form';
import classes from './form.module.css';

const JsonEditor = lazy(async () => ({ default: (await import('./json-editor')).JsonEditor }));

export function FormDialog({ node }: { node: GraphNode }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const opened = useUi((state) => (state.form?.node === node.id ? state.form : undefined));
  const [broken, setBroken] = useState<'typed' | 'warned'>();
  if (formPointerOf(node) === undefined) return null;
  const close = (): void => {
    if (broken === 'typed') {
      setBroken('warned');
      return;
    }
    setBroken(undefined);
    context.store.getState().endTyping();
    context.ui.setState({ form: undefined });
  };
  return (
    <Modal
      opened={opened !== undefined}
      onClose={close}
      withCloseButton={false}
      closeOnEscape={false}
      onKeyDown={(event) => {
        const { target, currentTarget } = event;
        if (!(target instanceof Element) || !currentTarget.contains(target)) return;
        const typing = target.closest('input, textarea, [contenteditable="true"]') !== null;
        const above = target.getAttribute('aria-expanded') === 'true';
        if (event.key === 'Escape' && !event.defaultPrevented && !above) close();
        if (typing || !(event.ctrlKey || event.metaKey) || (event.code !== 'KeyZ' && event.code !== 'KeyY')) return;
        event.preventDefault();
        if (event.code === 'KeyY' || event.shiftKey) context.store.getState().redo();
        else context.store.getState().undo();
      }}
      size="min(1320px, 94vw)"
      padding={0}
      overlayProps={{ backgroundOpacity: 0.28 }}
      attributes={{ content: { 'aria-label': t('form.of', { title: node.title }) } }}
      classNames={{ body: classes.body, content: classes.content }}
      data-testid="form-dialog"
    >
      {opened !== undefined && (
        <Builder
          node={node}
          field={opened.field}
          warned={broken === 'warned'}
          onBroken={(is) => {
            setBroken(is ? 'typed' : undefined);
          }}
          onClose={close}
        />
      )}
    </Modal>
  );
}

interface BuilderProps {
  node: GraphNode;
  field: string;
  /** The text that can't be read is about to be dropped. */
  warned: boolean;
  onBroken: (broken: boolean) => void;
  onClose: () => void;
}

function Builder({ node, field, warned, onBroken, onClose }: BuilderProps) {
  const { t } = useTranslation(['designer', 'problems']);
  const { context } = useSession();
  const { schema, pointer, change } = useForm(node);
  const problems = problemsOfField(useProblems(), { node: node.id }, pointer);
  const rows = formRows(schema);
  const inside = field.startsWith(`${pointer}/`) ? field.slice(pointer.length) : '';
  const [selected, setSelected] = useState<Inside | undefined>(() => (rowAt(rows, inside) ?? rows[0])?.path);
  // A place that no field holds is shown where everything is.
  const [tab, setTab] = useState<'fields' | 'json'>(inside !== '' && rowAt(rows, inside) === undefined ? 'json' : 'fields');
  const [broken, setBroken] = useState(false);
  const chosen = rows.find((row) => selected !== undefined && pointerOf(row.path) === pointerOf(selected));
  const { readOnly } = context;
  const rules = otherRules(schema);
  const title = (row: FormRow): string => (typeof row.field.schema.title === 'string' ? row.field.schema.title : row.field.name);

  const add = (owner: Inside, kind: FieldKind): void => {
    const at = schemaAt(schema, owner) ?? {};
    const made = newField(t('start.new_field'), formFields(at), kind);
    change('add_input', made.title, (form) => changedAt(form, owner, (inner) => withField(inner, made.name, withKeyword(made.schema, 'title', made.title), made.required)));
    setSelected([...owner, 'properties', made.name]);
  };
  const move = (row: FormRow, to: number): void => {
    change('move_input', title(row), (form) => changedAt(form, row.owner, (inner) => movedField(inner, row.index, to)));
  };
  const remove = (row: FormRow): void => {
    const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
    change('remove_input', title(row), (form) => changedAt(form, row.owner, (inner) => withoutField(inner, row.field.name)));
    setSelected(next?.path);
  };
  const spot = (is: boolean): void => {
    setBroken(is);
    onBroken(is);
  };
  return (
    <>
      <header className={classes.header}>
        <h2>{t('form.of', { title: node.title === '' ? t(`kind.${node.kind}`) : node.title })}</h2>
        <SegmentedControl
          size="xs"
          value={tab}
          onChange={(value) => {
            setTab(value === 'json' ? 'json' : 'fields');
          }}
          data={[
            { value: 'fields', label: t('form.fields'), disabled: broken },
            { value: 'json', label: 'JSON' },
          ]}
        />
        {tab === 'fields' && !readOnly && (
          <Switch
            size="xs"
            label={t('form.others_too')}
            checked={schema.additionalProperties !== false}
            onChange={(event) => {
              const on = event.currentTarget.checked;
              change('change_input', t('form.others_too'), (form) => withKeyword(form, 'additionalProperties', on ? undefined : false));
            }}
          />
        )}
        <span className={classes.space} />
        <ActionIcon size={30} aria-label={t('common:action.close')} onClick={onClose}>
          <IconX size={17} />
        </ActionIcon>
      </header>
      {warned && (
        <p className={classes.warned} role="alert">
          {t('form.drop_text')}
        </p>
      )}
      {tab === 'json' ? (
        <JsonTab node={node} start={chosen === undefined ? (inside === '' ? undefined : inside) : pointerOf(chosen.path)} onBroken={spot} />
      ) : (
        <div className={classes.columns}>
          <div className={classes.left}>
            <ScrollArea className={classes.scroll} scrollbarSize={6}>
              {rows.length === 0 ? (
                <p className={classes.none}>{t('form.none')}</p>
              ) : (
                <FieldTree
                  rows={rows}
                  selected={selected}
                  readOnly={readOnly}
                  problems={(path) => problemsOfField(problems, { node: node.id }, `${pointer}${pointerOf(path)}`)[0]}
                  onSelect={setSelected}
                  onMove={move}
                  onRemove={remove}
                  onAdd={(owner) => {
                    add(owner, 'text');
                  }}
                />
              )}
            </ScrollArea>
            {!readOnly && (
              <Menu position="top-start" withinPortal width={240}>
                <Menu.Target>
                  <Button className={classes.add} variant="default" leftSection={<IconPlus size={14} />} data-testid="form-add">
                    {t('start.add')}
                  </Button>
                </Menu.Target>
                <Menu.Dropdown mah={440} style={{ overflowY: 'auto' }}>
                  {FIELD_KINDS.map((kind) => (
                    <Menu.Item
                      key={kind}
                      leftSection={<KindIcon kind={kind} />}
                      data-testid={`form-kind-${kind}`}
                      onClick={() => {
                        add([], kind);
                      }}
                    >
                      {t(`input_kind.${kind}`)}
                    </Menu.Item>
                  ))}
                </Menu.Dropdown>
              </Menu>
            )}
            {rules.length > 0 && <p className={classes.rules}>{t('form.other_rules', { rules: rules.join(', ') })}</p>}
          </div>
          <ScrollArea className={classes.middle} scrollbarSize={6}>
            <fieldset disabled={readOnly} className={classes.plain}>
              {chosen === undefined ? (
                <p className={classes.none}>{t(rows.length === 0 ? 'form.begin' : 'form.choose')}</p>
              ) : (
                <FieldDetails
                  key={pointerOf(chosen.path.slice(0, -1))}
                  node={node}
                  row={chosen}
                  onMove={(to) => {
                    move(chosen, to);
                  }}
                  onRemove={() => {
                    remove(chosen);
                  }}
                  onRenamed={(name) => {
                    setSelected([...chosen.path.slice(0, -1), name]);
                  }}
                />
              )}
            </fieldset>
          </ScrollArea>
          <FormPreview schema={schema} />
        </div>
      )}
      {problems.length > 0 && (
        <ul className={classes.problems}>
          {problems.slice(0, 3).map((problem) => (
            <li key={problem.id} data-severity={problem.severity}>
              <button
                type="button"
                onClick={() => {
                  const row = rowAt(rows, problem.field.slice(pointer.length));
                  if (row === undefined) setTab('json');
                  else if (!broken) {
                    setTab('fields');
                    setSelected(row.path);
                  }
                }}
              >
                {problemText(t, problem)}
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function JsonTab({ node, start, onBroken }: { node: GraphNode; start: string | undefined; onBroken: (broken: boolean) => void }) {
  const { t } = useTranslation(['designer', 'problems']);
  const { context } = useSession();
  const { schema, pointer, change, endTyping } = useForm(node);
  const problems = problemsOfField(useProblems(), { node: node.id }, pointer);
  const [text, setText] = useState(() => JSON.stringify(schema, null, 2));
  const [complaint, setComplaint] = useState<string>();
  const complaints: JsonComplaint[] =
    complaint !== undefined
      ? [{ pointer: undefined, message: complaint, severity: 'error' }]
      : problems.map((problem) => ({ pointer: problem.field.slice(pointer.length), message: problemText(t, problem), severity: problem.severity }));
  return (
    <div className={classes.json}>
      <Suspense fallback={<LoadingRows rows={6} />}>
        <JsonEditor
          label={t('form.json')}
          value={text}
          readOnly={context.readOnly}
          complaints={complaints}
          {...(start !== undefined && { start })}
          onBlur={endTyping}
          onChange={(next) => {
            setText(next);
            const read = readObject(next);
            setComplaint(read === undefined ? t('form.not_object') : undefined);
            onBroken(read === undefined);
            if (read !== undefined && JSON.stringify(read) !== JSON.stringify(schema)) change('change_input', 'JSON', () => read, { typing: 'json' });
          }}
        />
      </Suspense>
      {complaint !== undefined && (
        <p className={classes.warned} role="alert">
          {complaint}
        </p>
      )}
    </div>
  );
}

function readObject(text: string) {
  try {
    const read: unknown = JSON.parse(text);
    return isObject(read as Parameters<typeof isObject>[0]) ? (read as NonNullable<ReturnType<typeof schemaAt>>) : undefined;
  } catch {
    return undefined;
  }
}
