// One field of a form: what it is called in both languages, what it takes, and within which bounds.

import { ActionIcon, Button, Group, NumberInput, Select, Stack, Switch, Textarea, TextInput, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { isObject } from '@/shared/graph/json-schema';
import type { GraphNode, Json, JsonObject } from '@/shared/graph/types';
import { SchemaForm } from '@/shared/schema-form/schema-form';
import { validate } from '@/shared/schema-form/validate';

import { FieldFrame } from '../fields/field-frame';
import { JsonInput } from '../fields/json-input';
import { changedAt, changedField, choiceOwner, choicesOf, converted, FIELD_KINDS, kindOf, numberOf, pointerOf, renamedField, schemaAt, shapeOf, textOf, withChoices, withKeyword, withRequired, type Choice, type FieldKind } from '../model/form-schema';
import { isFieldName } from '../model/input-fields';
import type { FormRow } from './form-rows';
import { useForm } from './use-form';
import classes from './form.module.css';

const LIST_OF: readonly FieldKind[] = ['text', 'number', 'integer', 'decimal', 'date', 'email', 'choice', 'object'];
const TRANSLATED = ['x-title-en', 'x-title-ru', 'x-description-en', 'x-description-ru'] as const;

interface FieldDetailsProps {
  node: GraphNode;
  row: FormRow;
  onMove: (to: number) => void;
  onRemove: () => void;
  onRenamed: (name: string) => void;
}

export function FieldDetails({ node, row, onMove, onRemove, onRenamed }: FieldDetailsProps) {
  const { t } = useTranslation('designer');
  const { schema: whole, pointer, change, endTyping } = useForm(node);
  const { field, owner: at } = row;
  const { schema, kind, name } = field;
  const path = `${pointer}${pointerOf(row.path)}`;
  const owner = { node: node.id };
  const said = textOf(schema, 'title') === '' ? name : textOf(schema, 'title');
  const set = (next: (schema: JsonObject) => JsonObject, typing?: string): void => {
    change('change_input', said, (form) => changedAt(form, at, (inner) => changedField(inner, name, next)), typing === undefined ? {} : { typing: `${pointerOf(row.path)}/${typing}` });
  };
  const keyword = (key: string, value: Json | undefined, typing = true): void => {
    set((each) => withKeyword(each, key, value), typing ? key : undefined);
  };
  const text = (key: string, label: string, hint?: string, mono = false) => (
    <FieldFrame field={`${path}/${key}`} owner={owner} label={label} description={hint}>
      <TextInput
        aria-label={label}
        className={mono ? classes.mono : undefined}
        value={textOf(schema, key)}
        maxLength={key === 'title' ? 200 : 2000}
        onBlur={endTyping}
        onChange={(event) => {
          const value = event.currentTarget.value;
          keyword(key, value === '' ? undefined : value);
        }}
      />
    </FieldFrame>
  );
  const number = (key: string, label: string, whole: boolean) => (
    <FieldFrame field={`${path}/${key}`} owner={owner} label={label}>
      <NumberInput
        aria-label={label}
        hideControls
        allowDecimal={!whole}
        allowNegative={!whole}
        value={numberOf(schema, key) ?? ''}
        onBlur={endTyping}
        onChange={(value) => {
          keyword(key, typeof value === 'number' ? value : undefined);
        }}
      />
    </FieldFrame>
  );
  const bounds = BOUNDS[kind];
  return (
    <Stack gap="sm" className={classes.details} data-testid="form-details">
      <Group gap={2} className={classes.detailsHead}>
        <h3>{said}</h3>
        <Tool label={t('start.up')} disabled={row.index === 0} onClick={() => { onMove(row.index - 1); }}>
          <IconArrowUp size={15} />
        </Tool>
        <Tool label={t('start.down')} disabled={row.index === row.count - 1} onClick={() => { onMove(row.index + 1); }}>
          <IconArrowDown size={15} />
        </Tool>
        <Tool label={t('start.remove')} disabled={false} onClick={onRemove}>
          <IconTrash size={15} />
        </Tool>
      </Group>
      {text('title', t('form.title'))}
      <div className={classes.two}>
        <NameField
          key={name}
          name={name}
          taken={Object.keys(isObject(schemaAt(whole, at)?.properties) ? (schemaAt(whole, at)?.properties as JsonObject) : {})}
          path={path}
          node={node.id}
          onRename={(to) => {
            change('rename_input', said, (form) => changedAt(form, at, (inner) => renamedField(inner, name, to)), at.length === 0 ? { renamed: { from: name, to } } : {});
            onRenamed(to);
          }}
        />
        <FieldFrame field={`${path}/type`} owner={owner} label={t('start.type')}>
          <Select
            aria-label={t('start.type')}
            allowDeselect={false}
            data={(kind === 'custom' ? (['custom', ...FIELD_KINDS] as const) : FIELD_KINDS).map((each) => ({ value: each, label: t(`input_kind.${each}`) }))}
            value={kind}
            maxDropdownHeight={340}
            onChange={(value) => {
              const next = FIELD_KINDS.find((each) => each === value);
              if (next !== undefined && next !== kind) set((each) => (kind === 'custom' ? { ...shapeOf(next), ...textsOf(each) } : converted(each, next)));
            }}
          />
        </FieldFrame>
      </div>
      <Switch
        size="xs"
        label={t('start.required')}
        checked={field.required}
        onChange={(event) => {
          const on = event.currentTarget.checked;
          change('change_input', said, (form) => changedAt(form, at, (inner) => withRequired(inner, name, on)));
        }}
      />
      {kind === 'custom' ? (
        <FieldFrame field={path} owner={owner} label={t('form.custom')} description={t('form.custom_hint')}>
          <JsonInput
            label={t('form.custom')}
            invalid={false}
            value={schema}
            onBlur={endTyping}
            onChange={(value) => {
              if (isObject(value)) set(() => value, 'custom');
            }}
          />
        </FieldFrame>
      ) : (
        <>
          <FieldFrame field={`${path}/description`} owner={owner} label={t('start.description')}>
            <Textarea
              aria-label={t('start.description')}
              autosize
              minRows={1}
              maxRows={6}
              value={textOf(schema, 'description')}
              onBlur={endTyping}
              onChange={(event) => {
                const value = event.currentTarget.value;
                keyword('description', value === '' ? undefined : value);
              }}
            />
          </FieldFrame>
          <Translations schema={schema} text={text} />
          {(kind === 'choice' || kind === 'choices') && (
            <Choices
              choices={choicesOf(choiceOwner(schema)) ?? []}
              field={`${path}${kind === 'choices' ? '/items' : ''}/${choiceOwner(schema).oneOf === undefined ? 'enum' : 'oneOf'}`}
              node={node.id}
              onBlur={endTyping}
              onChange={(choices, typing) => {
                set((each) => withChoices(each, choices), typing);
              }}
            />
          )}
          {kind === 'list' && (
            <FieldFrame field={`${path}/items`} owner={owner} label={t('form.list_of')}>
              <Select
                aria-label={t('form.list_of')}
                allowDeselect={false}
                data={LIST_OF.map((each) => ({ value: each, label: t(`input_kind.${each}`) }))}
                value={isObject(schema.items) ? kindOf(schema.items) : 'text'}
                onChange={(value) => {
                  const next = LIST_OF.find((each) => each === value);
                  if (next !== undefined) set((each) => ({ ...each, items: isObject(each.items) ? converted(each.items, next) : shapeOf(next) }));
                }}
              />
            </FieldFrame>
          )}
          {kind === 'list' && isObject(schema.items) && kindOf(schema.items) === 'choice' && (
            <Choices
              choices={choicesOf(schema.items) ?? []}
              field={`${path}/items/enum`}
              node={node.id}
              onBlur={endTyping}
              onChange={(choices, typing) => {
                set((each) => withChoices(each, choices), typing);
              }}
            />
          )}
          {bounds !== undefined && (
            <div className={classes.two}>
              {number(bounds.least, t(`form.bound.${bounds.least}`), bounds.whole)}
              {number(bounds.most, t(`form.bound.${bounds.most}`), bounds.whole)}
            </div>
          )}
          {(kind === 'text' || kind === 'long_text' || kind === 'email') && text('pattern', t('form.pattern'), t('form.pattern_hint'), true)}
          {kind !== 'file' && kind !== 'files' && kind !== 'object' && kind !== 'list' && <Default schema={schema} onChange={(value) => { keyword('default', value); }} onBlur={endTyping} />}
        </>
      )}
    </Stack>
  );
}

const BOUNDS: Readonly<Partial<Record<FieldKind, { least: string; most: string; whole: boolean }>>> = {
  text: { least: 'minLength', most: 'maxLength', whole: true },
  long_text: { least: 'minLength', most: 'maxLength', whole: true },
  email: { least: 'minLength', most: 'maxLength', whole: true },
  number: { least: 'minimum', most: 'maximum', whole: false },
  integer: { least: 'minimum', most: 'maximum', whole: false },
  list: { least: 'minItems', most: 'maxItems', whole: true },
  files: { least: 'minItems', most: 'maxItems', whole: true },
  choices: { least: 'minItems', most: 'maxItems', whole: true },
};

/** Of something custom that becomes a known kind, its texts stay. */
function textsOf(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key === 'title' || key === 'description' || key.startsWith('x-')));
}

function NameField({ name, taken, path, node, onRename }: { name: string; taken: readonly string[]; path: string; node: string; onRename: (to: string) => void }) {
  const { t } = useTranslation('designer');
  const [typed, setTyped] = useState<string>();
  const wrong = typed !== undefined && typed !== name && (!isFieldName(typed) || taken.includes(typed));
  const done = (): void => {
    if (typed !== undefined && typed !== name && !wrong) onRename(typed);
    setTyped(undefined);
  };
  return (
    <FieldFrame field={path} owner={{ node }} label={t('start.name')} own>
      <TextInput
        aria-label={t('start.name')}
        className={classes.mono}
        value={typed ?? name}
        error={wrong ? t('form.bad_name') : undefined}
        onChange={(event) => {
          setTyped(event.currentTarget.value.trim());
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') done();
        }}
        onBlur={done}
      />
    </FieldFrame>
  );
}

function Translations({ schema, text }: { schema: JsonObject; text: (key: string, label: string) => React.ReactNode }) {
  const { t } = useTranslation('designer');
  const [wanted, setWanted] = useState(false);
  if (!wanted && !TRANSLATED.some((key) => key in schema)) {
    return (
      <div>
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          leftSection={<IconPlus size={13} />}
          onClick={() => {
            setWanted(true);
          }}
        >
          {t('form.translate')}
        </Button>
      </div>
    );
  }
  return (
    <div className={classes.two}>
      {text('x-title-en', t('form.title_en'))}
      {text('x-title-ru', t('form.title_ru'))}
      {text('x-description-en', t('form.hint_en'))}
      {text('x-description-ru', t('form.hint_ru'))}
    </div>
  );
}

interface ChoicesProps {
  choices: readonly Choice[];
  field: string;
  node: string;
  onBlur: () => void;
  onChange: (choices: readonly Choice[], typing?: string) => void;
}

function shown(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function Choices({ choices, field, node, onBlur, onChange }: ChoicesProps) {
  const { t } = useTranslation('designer');
  const replace = (index: number, choice: Choice, typing: string): void => {
    onChange(choices.map((each, at) => (at === index ? choice : each)), `${typing}/${String(index)}`);
  };
  return (
    <FieldFrame field={field} owner={{ node }} label={t('start.choices')} description={t('form.choices_hint')}>
      <Stack gap={6}>
        {choices.map((choice, index) => (
          <div key={index} className={classes.choice}>
            <TextInput
              aria-label={t('form.choice_value', { number: index + 1 })}
              className={classes.mono}
              value={shown(choice.value)}
              onBlur={onBlur}
              onChange={(event) => {
                replace(index, { ...choice, value: event.currentTarget.value }, 'value');
              }}
            />
            <TextInput
              aria-label={t('form.choice_title', { number: index + 1 })}
              placeholder={shown(choice.value)}
              value={choice.title}
              onBlur={onBlur}
              onChange={(event) => {
                replace(index, { ...choice, title: event.currentTarget.value }, 'title');
              }}
            />
            <ActionIcon size={26} aria-label={t('form.choice_remove', { number: index + 1 })} onClick={() => { onChange(choices.filter((_, at) => at !== index)); }}>
              <IconX size={14} />
            </ActionIcon>
          </div>
        ))}
        <div>
          <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconPlus size={13} />} data-testid="add-choice" onClick={() => { onChange([...choices, { value: freshChoice(choices), title: '' }]); }}>
            {t('form.choice_add')}
          </Button>
        </div>
      </Stack>
    </FieldFrame>
  );
}

function freshChoice(choices: readonly Choice[]): string {
  const taken = new Set(choices.map((choice) => choice.value));
  let number = choices.length + 1;
  while (taken.has(`choice_${String(number)}`)) number++;
  return `choice_${String(number)}`;
}

/** What the field begins with, given in the field's own input. */
function Default({ schema, onChange, onBlur }: { schema: JsonObject; onChange: (value: Json | undefined) => void; onBlur: () => void }) {
  const { t } = useTranslation('designer');
  const { default: value, description: _d, ...rest } = schema;
  const own = Object.fromEntries(Object.entries(rest).filter(([key]) => !key.startsWith('x-')));
  const form: JsonObject = { type: 'object', properties: { default: { ...own, title: t('form.default') } } };
  const given: JsonObject = value === undefined ? {} : { default: value };
  let issues: ReturnType<typeof validate> = [];
  try {
    issues = validate(form, given);
  } catch {
    // What is wrong with the schema is told at its place.
  }
  return (
    <div className={classes.default} onBlur={onBlur}>
      <SchemaForm
        schema={form}
        value={given}
        issues={issues}
        onChange={(next) => {
          // An unticked switch begins like one that nobody touched.
          onChange(next.default === false ? undefined : next.default);
        }}
      />
    </div>
  );
}

function Tool({ label, disabled, onClick, children }: { label: string; disabled: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon size={28} aria-label={label} disabled={disabled} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
