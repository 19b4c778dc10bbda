// The fields of a form, in order: of what a process needs to begin, and of what a person is asked.

import { ActionIcon, Button, Group, Menu, Select, Switch, TagsInput, Textarea, TextInput, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconChevronDown, IconChevronRight, IconForms, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { FIELD_KINDS, isFieldName, maySearch, newField, type FieldKind, type InputField } from '../model/input-fields';
import { useSession } from '../hooks/designer-context';
import { FieldFrame, type Owner } from '../fields/field-frame';
import classes from './panel.module.css';

/** Fields that processes can be searched by. */
interface SearchKeys {
  names: readonly string[];
  most: number;
  set: (name: string, on: boolean) => void;
}

interface FormFieldsProps {
  fields: readonly InputField[];
  /** JSON pointer of the schema inside the node. */
  field: string;
  owner: Owner;
  /** What an expression reads the fields below. */
  reads: string;
  keys?: SearchKeys;
  onBlur: () => void;
  onWrite: (label: string, name: string, next: readonly InputField[], typing?: string) => void;
}

export function FormFields({ fields, field: path, owner, reads, keys, onBlur, onWrite }: FormFieldsProps) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const [opened, setOpened] = useState<number>();
  const add = (kind: FieldKind): void => {
    const title = t('start.new_field');
    onWrite('step.add_input', title, [...fields, newField(title, fields, kind)]);
    setOpened(fields.length);
  };
  return (
    <>
      <div data-field={path} className={classes.body} style={{ padding: 0, gap: 8 }}>
        {fields.map((field, index) => (
          <FieldCard
            key={index}
            field={field}
            fields={fields}
            path={path}
            owner={owner}
            reads={reads}
            keys={keys}
            opened={opened === index}
            onToggle={() => {
              setOpened(opened === index ? undefined : index);
            }}
            onBlur={onBlur}
            onChange={(next, typing) => {
              onWrite('step.change_input', field.title === '' ? field.name : field.title, fields.map((each, at) => (at === index ? next : each)), typing === undefined ? undefined : `${path}/${index}/${typing}`);
            }}
            onMove={(by) => {
              const moved = [...fields];
              moved.splice(index, 1);
              moved.splice(index + by, 0, field);
              onWrite('step.move_input', field.title, moved);
              setOpened(undefined);
            }}
            onRemove={() => {
              onWrite('step.remove_input', field.title === '' ? field.name : field.title, fields.filter((_, at) => at !== index));
              setOpened(undefined);
            }}
            first={index === 0}
            last={index === fields.length - 1}
          />
        ))}
      </div>
      <Group gap={8}>
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
        <Button
          variant="default"
          leftSection={<IconForms size={15} />}
          data-testid="open-form"
          onClick={() => {
            const [node] = context.store.getState().selection.nodes;
            if (node !== undefined) context.ui.setState({ form: { node, field: path } });
          }}
        >
          {t('form.open')}
        </Button>
      </Group>
    </>
  );
}

interface FieldCardProps {
  field: InputField;
  fields: readonly InputField[];
  path: string;
  owner: Owner;
  reads: string;
  keys: SearchKeys | undefined;
  opened: boolean;
  onToggle: () => void;
  onChange: (field: InputField, typing?: string) => void;
  onBlur: () => void;
  onMove: (by: 1 | -1) => void;
  onRemove: () => void;
  first: boolean;
  last: boolean;
}

function FieldCard(props: FieldCardProps) {
  const { field, opened, onToggle, reads } = props;
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
            {t(`input_kind.${field.kind}`)} · {reads}.{field.name}
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

function FieldDetails({ field, fields, path, owner, keys, onChange, onBlur, onRemove }: FieldCardProps) {
  const { t } = useTranslation('designer');
  const [name, setName] = useState<string>();
  const taken = new Set(fields.filter((each) => each !== field).map((each) => each.name));
  const wrongName = name !== undefined && (!isFieldName(name) || taken.has(name));
  const searched = keys?.names.includes(field.name) === true;
  return (
    <div className={classes.cardBody}>
      <FieldFrame field={`${path}/properties/${field.name}/title`} owner={owner} label={t('start.title')}>
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
        <FieldFrame field={`${path}/properties/${field.name}`} owner={owner} label={t('start.name')}>
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
        <FieldFrame field={`${path}/properties/${field.name}/type`} owner={owner} label={t('start.type')}>
          <Select
            aria-label={t('start.type')}
            allowDeselect={false}
            data={(field.kind === 'custom' ? (['custom', ...FIELD_KINDS] as const) : FIELD_KINDS).map((kind) => ({ value: kind, label: t(`input_kind.${kind}`) }))}
            value={field.kind}
            maxDropdownHeight={320}
            onChange={(kind) => {
              const next = FIELD_KINDS.find((each) => each === kind);
              if (next !== undefined) onChange({ ...field, kind: next });
            }}
          />
        </FieldFrame>
      </div>
      {(field.kind === 'choice' || field.kind === 'choices') && (
        <FieldFrame field={`${path}/properties/${field.name}/enum`} owner={owner} label={t('start.choices')}>
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
      <FieldFrame field={`${path}/properties/${field.name}/description`} owner={owner} label={t('start.description')}>
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
      {keys !== undefined && maySearch(field.kind) && (
        <Switch
          size="xs"
          label={t('start.search_key')}
          checked={searched}
          disabled={!searched && keys.names.length >= keys.most}
          onChange={(event) => {
            keys.set(field.name, event.currentTarget.checked);
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
