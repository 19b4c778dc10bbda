// What a process needs to begin: its input fields, in order, as the start form will show them.

import { ActionIcon, Button, Menu, Select, Switch, TagsInput, Textarea, TextInput, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconChevronDown, IconChevronRight, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { GraphNode, StartEvent } from '@/shared/graph/types';

import { useNodeEdit } from '../hooks/use-edit';
import { FIELD_KINDS, isFieldName, maySearch, newField, readFields, writeFields, type FieldKind, type InputField } from '../model/input-fields';
import { FieldFrame } from '../fields/field-frame';
import classes from './panel.module.css';

const MAX_SEARCH_KEYS = 5;

export function StartForm({ node, start }: { node: GraphNode; start: StartEvent }) {
  const { t } = useTranslation('designer');
  const { change, endTyping } = useNodeEdit(node.id);
  const fields = readFields(start);
  const [opened, setOpened] = useState<number>();
  const write = (label: string, name: string, next: readonly InputField[], typing?: string): void => {
    change({ key: label, params: { field: name } }, (each) => ({ ...each, start: writeFields(each.start ?? {}, next) }), typing);
  };
  const setKey = (name: string, on: boolean): void => {
    change({ key: 'step.search_key', params: { field: name } }, (each) => {
      const { search_keys: keys = [], ...rest } = each.start ?? {};
      const next = on ? [...keys, name] : keys.filter((key) => key !== name);
      return { ...each, start: next.length === 0 ? rest : { ...rest, search_keys: next } };
    });
  };
  const add = (kind: FieldKind): void => {
    const title = t('start.new_field');
    const field = newField(title, fields, kind);
    write('step.add_input', title, [...fields, field]);
    setOpened(fields.length);
  };
  return (
    <>
      <p className={classes.note}>{t('start.hint')}</p>
      <div data-field="/start/input_schema" className={classes.body} style={{ padding: 0, gap: 8 }}>
        {fields.map((field, index) => (
          <FieldCard
            key={index}
            field={field}
            fields={fields}
            opened={opened === index}
            onToggle={() => {
              setOpened(opened === index ? undefined : index);
            }}
            searchKey={start.search_keys?.includes(field.name) === true}
            mayAddKey={(start.search_keys?.length ?? 0) < MAX_SEARCH_KEYS}
            onSearchKey={(on) => {
              setKey(field.name, on);
            }}
            onBlur={endTyping}
            onChange={(next, typing) => {
              write('step.change_input', field.title === '' ? field.name : field.title, fields.map((each, at) => (at === index ? next : each)), typing === undefined ? undefined : `/start/${index}/${typing}`);
            }}
            onMove={(by) => {
              const moved = [...fields];
              moved.splice(index, 1);
              moved.splice(index + by, 0, field);
              write('step.move_input', field.title, moved);
              setOpened(undefined);
            }}
            onRemove={() => {
              write('step.remove_input', field.title === '' ? field.name : field.title, fields.filter((_, at) => at !== index));
              setOpened(undefined);
            }}
            first={index === 0}
            last={index === fields.length - 1}
          />
        ))}
      </div>
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <Button variant="default" leftSection={<IconPlus size={14} />} data-testid="add-input-field">
            {t('start.add')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={360} style={{ overflowY: 'auto' }}>
          {FIELD_KINDS.map((kind) => (
            <Menu.Item
              key={kind}
              data-testid={`input-kind-${kind}`}
              onClick={() => {
                add(kind);
              }}
            >
              {t(`input_kind.${kind}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

interface FieldCardProps {
  field: InputField;
  fields: readonly InputField[];
  opened: boolean;
  onToggle: () => void;
  searchKey: boolean;
  mayAddKey: boolean;
  onSearchKey: (on: boolean) => void;
  onChange: (field: InputField, typing?: string) => void;
  onBlur: () => void;
  onMove: (by: 1 | -1) => void;
  onRemove: () => void;
  first: boolean;
  last: boolean;
}

function FieldCard(props: FieldCardProps) {
  const { field, opened, onToggle } = props;
  const { t } = useTranslation('designer');
  const title = field.title === '' ? field.name : field.title;
  return (
    <div className={classes.card} data-testid={`input-field-${field.name}`}>
      <div className={classes.cardHead}>
        <button type="button" className={classes.cardName} aria-expanded={opened} onClick={onToggle}>
          <span className={classes.cardTitle}>
            {title}
            {field.required && <span style={{ color: 'var(--tk-bad)' }}> *</span>}
          </span>
          <span className={classes.cardSub}>
            {t(`input_kind.${field.kind}`)} · input.{field.name}
          </span>
        </button>
        <Tooltip label={t('start.up')}>
          <ActionIcon size={24} aria-label={t('start.up')} disabled={props.first} onClick={() => { props.onMove(-1); }}>
            <IconArrowUp size={14} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('start.down')}>
          <ActionIcon size={24} aria-label={t('start.down')} disabled={props.last} onClick={() => { props.onMove(1); }}>
            <IconArrowDown size={14} />
          </ActionIcon>
        </Tooltip>
        <ActionIcon size={24} aria-label={opened ? t('start.close') : t('start.open')} onClick={onToggle}>
          {opened ? <IconChevronDown size={15} /> : <IconChevronRight size={15} />}
        </ActionIcon>
      </div>
      {opened && <FieldDetails {...props} />}
    </div>
  );
}

function FieldDetails({ field, fields, searchKey, mayAddKey, onSearchKey, onChange, onBlur, onRemove }: FieldCardProps) {
  const { t } = useTranslation('designer');
  const [name, setName] = useState<string>();
  const taken = new Set(fields.filter((each) => each !== field).map((each) => each.name));
  const wrongName = name !== undefined && (!isFieldName(name) || taken.has(name));
  const owner = {};
  return (
    <div className={classes.cardBody}>
      <FieldFrame field={`/start/input_schema/properties/${field.name}/title`} owner={owner} label={t('start.title')}>
        <TextInput
          aria-label={t('start.title')}
          value={field.title}
          maxLength={120}
          onBlur={onBlur}
          onChange={(event) => {
            onChange({ ...field, title: event.currentTarget.value }, 'title');
          }}
        />
      </FieldFrame>
      <div className={classes.two}>
        <FieldFrame field={`/start/input_schema/properties/${field.name}`} owner={owner} label={t('start.name')}>
          <TextInput
            aria-label={t('start.name')}
            value={name ?? field.name}
            error={wrongName}
            onChange={(event) => {
              setName(event.currentTarget.value.trim());
            }}
            onBlur={() => {
              if (name !== undefined && name !== field.name && !wrongName) onChange({ ...field, name });
              setName(undefined);
              onBlur();
            }}
          />
        </FieldFrame>
        <FieldFrame field={`/start/input_schema/properties/${field.name}/type`} owner={owner} label={t('start.type')}>
          <Select
            aria-label={t('start.type')}
            allowDeselect={false}
            data={FIELD_KINDS.map((kind) => ({ value: kind, label: t(`input_kind.${kind}`) }))}
            value={field.kind}
            maxDropdownHeight={320}
            onChange={(kind) => {
              const next = FIELD_KINDS.find((each) => each === kind);
              if (next !== undefined) onChange({ ...field, kind: next, rest: {} });
            }}
          />
        </FieldFrame>
      </div>
      {field.kind === 'choice' && (
        <FieldFrame field={`/start/input_schema/properties/${field.name}/enum`} owner={owner} label={t('start.choices')}>
          <TagsInput
            aria-label={t('start.choices')}
            value={field.choices}
            placeholder={field.choices.length === 0 ? t('start.choices_placeholder') : ''}
            onChange={(choices) => {
              onChange({ ...field, choices });
            }}
          />
        </FieldFrame>
      )}
      <FieldFrame field={`/start/input_schema/properties/${field.name}/description`} owner={owner} label={t('start.description')}>
        <Textarea
          aria-label={t('start.description')}
          autosize
          minRows={1}
          maxRows={6}
          value={field.description}
          onBlur={onBlur}
          onChange={(event) => {
            onChange({ ...field, description: event.currentTarget.value }, 'description');
          }}
        />
      </FieldFrame>
      <Switch
        size="xs"
        label={t('start.required')}
        checked={field.required}
        onChange={(event) => {
          onChange({ ...field, required: event.currentTarget.checked });
        }}
      />
      {maySearch(field.kind) && (
        <Switch
          size="xs"
          label={t('start.search_key')}
          checked={searchKey}
          disabled={!searchKey && !mayAddKey}
          onChange={(event) => {
            onSearchKey(event.currentTarget.checked);
          }}
        />
      )}
      <div>
        <Button variant="subtle" color="red" size="compact-xs" leftSection={<IconTrash size={13} />} onClick={onRemove}>
          {t('start.remove')}
        </Button>
      </div>
    </div>
  );
}
