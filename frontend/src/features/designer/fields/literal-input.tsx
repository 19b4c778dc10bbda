// The control that a schema asks for when a field holds a plain value.

import { NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { literalText, textLiteral, valueMode } from '@/shared/graph/expression';
import { choicesOf, typeOf } from '@/shared/graph/json-schema';
import type { Json, JsonObject, Value } from '@/shared/graph/types';

import { filesInScope } from '../model/scope-search';
import { JsonInput } from './json-input';
import { ListInput } from './list-input';
import { ObjectInput } from './object-input';
import type { ValueFieldProps } from './value-field';

export interface LiteralInputProps extends Omit<ValueFieldProps, 'label' | 'labelNode' | 'actions'> {
  label: string;
  invalid: boolean;
}

const LONG_NAMES = /^(text|body|message|html|content|template|markdown)$/;

function isLong(schema: JsonObject, name: string, value: Value | undefined): boolean {
  if (schema.format === 'multiline' || schema.contentMediaType !== undefined) return true;
  return LONG_NAMES.test(name) || (typeof value === 'string' && (value.includes('\n') || value.length > 60));
}

function asText(json: Json | undefined): string {
  return json === undefined ? '' : typeof json === 'string' ? json : JSON.stringify(json);
}

export function LiteralInput(props: LiteralInputProps) {
  const { schema, value } = props;
  const choices = choicesOf(schema);
  if (choices !== undefined && valueMode(value) !== 'template') return <ChoiceInput {...props} choices={choices} />;
  switch (typeOf(schema)) {
    case 'boolean':
      return <BooleanInput {...props} />;
    case 'integer':
    case 'number':
      return <NumericInput {...props} />;
    case 'array':
      return <ListInput {...props} />;
    case 'object':
      return <ObjectInput {...props} />;
    case 'file':
      return <FileInput {...props} />;
    case 'any':
      return typeof value === 'string' || value === undefined ? <TextLiteral {...props} /> : <JsonInput {...props} />;
    case 'string':
      return <TextLiteral {...props} />;
  }
}

function ChoiceInput({ choices, value, onChange, onBlur, label, required, invalid, schema }: LiteralInputProps & { choices: readonly Json[] }) {
  const { t } = useTranslation('designer');
  const texts = choices.map(asText);
  return (
    <Select
      aria-label={label}
      data={texts}
      value={value === undefined ? null : asText(typeof value === 'string' ? literalText(value) : value)}
      placeholder={schema.default === undefined ? t('field.choose') : t('field.default', { value: asText(schema.default) })}
      clearable={!required}
      error={invalid}
      comboboxProps={{ withinPortal: true }}
      onBlur={onBlur}
      onChange={(text) => {
        const choice = text === null ? undefined : choices[texts.indexOf(text)];
        onChange(typeof choice === 'string' ? textLiteral(choice) : choice, false);
      }}
    />
  );
}

function BooleanInput({ value, onChange, label, schema }: LiteralInputProps) {
  const { t } = useTranslation('designer');
  const usual = schema.default === true;
  const on = typeof value === 'boolean' ? value : usual;
  return (
    <Switch
      aria-label={label}
      size="sm"
      checked={on}
      label={on ? t('field.yes') : t('field.no')}
      onChange={(event) => {
        onChange(event.currentTarget.checked, false);
      }}
    />
  );
}

function NumericInput({ value, onChange, onBlur, label, invalid, schema }: LiteralInputProps) {
  const { t } = useTranslation('designer');
  const bound = (keyword: string): { min?: number; max?: number } => {
    const number = schema[keyword];
    return typeof number !== 'number' ? {} : keyword === 'minimum' ? { min: number } : { max: number };
  };
  return (
    <NumberInput
      aria-label={label}
      value={typeof value === 'number' ? value : ''}
      placeholder={schema.default === undefined ? '' : t('field.default', { value: asText(schema.default) })}
      allowDecimal={typeOf(schema) === 'number'}
      thousandSeparator=" "
      hideControls
      clampBehavior="none"
      error={invalid}
      {...bound('minimum')}
      {...bound('maximum')}
      onBlur={onBlur}
      onChange={(next) => {
        onChange(typeof next === 'number' ? next : undefined, true);
      }}
    />
  );
}

function TextLiteral({ name, value, onChange, onBlur, label, invalid, schema, required }: LiteralInputProps) {
  const { t } = useTranslation('designer');
  const text = typeof value === 'string' ? literalText(value) : asText(value);
  const set = (next: string): void => {
    onChange(next === '' ? undefined : textLiteral(next), true);
  };
  const placeholder = schema.default === undefined ? '' : t('field.default', { value: asText(schema.default) });
  if (isLong(schema, name, value)) {
    return (
      <Textarea
        aria-label={label}
        aria-required={required}
        autosize
        minRows={2}
        maxRows={14}
        value={text}
        placeholder={placeholder}
        error={invalid}
        onBlur={onBlur}
        onChange={(event) => {
          set(event.currentTarget.value);
        }}
      />
    );
  }
  return (
    <TextInput
      aria-label={label}
      aria-required={required}
      type={schema.format === 'date' && !text.includes('{{') ? 'date' : 'text'}
      value={text}
      placeholder={placeholder}
      error={invalid}
      onBlur={onBlur}
      onChange={(event) => {
        set(event.currentTarget.value);
      }}
    />
  );
}

/** Files come from the input or from tasks: the ones in scope are offered by name. */
function FileInput({ scope, onChange, label, invalid }: LiteralInputProps) {
  const { t } = useTranslation('designer');
  const files = filesInScope(scope());
  return (
    <Select
      aria-label={label}
      data={files.map((file) => ({ value: file.path, label: file.title }))}
      value={null}
      placeholder={files.length === 0 ? t('field.no_files') : t('field.choose_file')}
      error={invalid}
      comboboxProps={{ withinPortal: true }}
      onChange={(path) => {
        if (path !== null) onChange(`=${path}`, false);
      }}
    />
  );
}
