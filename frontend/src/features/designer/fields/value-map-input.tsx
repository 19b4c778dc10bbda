// Names and values, as many as wanted: the outputs of a script or an end, a result mapping.

import { ActionIcon, Button } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { JsonObject, Value } from '@/shared/graph/types';

import type { Name } from '../model/scope';
import classes from './field-frame.module.css';
import type { Owner } from './field-frame';
import { ValueField } from './value-field';

export interface ValueMapInputProps {
  values: Record<string, Value>;
  onChange: (values: Record<string, Value>, typing: boolean) => void;
  onBlur: () => void;
  field: string;
  owner: Owner;
  node: string;
  scope: () => Name[];
  itemSchema?: JsonObject;
  /** What a new name begins with. */
  stem?: string;
  /** The names are read by people and never by an expression: words of any language. */
  labels?: boolean;
}

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;
const words = /^[\p{L}_][\p{L}\p{N}_ ,.()-]*$/u;

function renamed(values: Record<string, Value>, from: string, to: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name === from ? to : name, value]));
}

export function ValueMapInput({ values, onChange, onBlur, field, owner, node, scope, itemSchema = {}, stem = 'value', labels = false }: ValueMapInputProps) {
  const { t } = useTranslation('designer');
  const names = Object.keys(values);
  // What was just added is named first.
  const [fresh, setFresh] = useState<string>();
  const add = (): void => {
    let name = stem;
    for (let n = 2; names.includes(name); n++) name = `${stem}_${n}`;
    onChange({ ...values, [name]: '' }, false);
    setFresh(name);
  };
  return (
    <div className={classes.items}>
      {names.map((name, index) => (
        <ValueField
          key={index}
          name={name}
          label={name}
          labelNode={
            <NameInput
              name={name}
              fresh={name === fresh}
              taken={names}
              pattern={labels ? words : identifier}
              onRename={(to) => {
                onChange(renamed(values, name, to), false);
              }}
            />
          }
          schema={itemSchema}
          root={itemSchema}
          required={false}
          value={values[name] === '' ? undefined : values[name]}
          field={`${field}/${name}`}
          owner={owner}
          node={node}
          scope={scope}
          onBlur={onBlur}
          onChange={(next, typing) => {
            onChange({ ...values, [name]: next ?? '' }, typing);
          }}
          actions={
            <ActionIcon
              size={18}
              aria-label={t('field.remove', { name })}
              onClick={() => {
                const { [name]: _, ...rest } = values;
                onChange(rest, false);
              }}
            >
              <IconX size={13} />
            </ActionIcon>
          }
        />
      ))}
      <div>
        <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={add}>
          {t('field.add_value')}
        </Button>
      </div>
    </div>
  );
}

interface NameInputProps {
  name: string;
  fresh: boolean;
  taken: readonly string[];
  pattern: RegExp;
  onRename: (name: string) => void;
}

/** The control of the value that stands under a name. */
function valueBeside(name: HTMLElement): HTMLElement | null {
  return name.closest('[data-field]')?.querySelector<HTMLElement>('textarea, [contenteditable="true"], [role="combobox"], input:not([data-name])') ?? null;
}

function NameInput({ name, fresh, taken, pattern, onRename }: NameInputProps) {
  const { t } = useTranslation('designer');
  const [typed, setTyped] = useState<string>();
  const text = typed ?? name;
  const wrong = typed !== undefined && (!pattern.test(typed) || (typed !== name && taken.includes(typed)));
  return (
    <input
      className={classes.name}
      data-name
      autoFocus={fresh}
      onFocus={(event) => {
        event.currentTarget.select();
      }}
      aria-label={t('field.name_of', { name })}
      aria-invalid={wrong}
      value={text}
      onChange={(event) => {
        setTyped(event.currentTarget.value.trim());
      }}
      onBlur={() => {
        if (typed !== undefined && typed !== name && !wrong) onRename(typed);
        setTyped(undefined);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return;
        event.preventDefault();
        const value = valueBeside(event.currentTarget);
        if (value === null) event.currentTarget.blur();
        else value.focus();
      }}
    />
  );
}
