import { Checkbox, MultiSelect, NumberInput, Select, Stack, Switch, Textarea, TextInput } from '@mantine/core';
import { DateInput, DateTimePicker } from '@mantine/dates';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';

import type { Json } from '@/shared/api/types';

import type { InputProps } from './field';
import { useForm } from './form-context';
import { asSchema, choicesOf, resolve, textOf, type Schema } from './schema';

/** More choices than these are a list to pick from. */
const mostBoxes = 8;

function common({ id, label, description, required, disabled, error }: InputProps) {
  return { id, label, description, withAsterisk: required, disabled, error };
}

function text(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

function numberLimit(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

export function TextField(props: InputProps & { long?: boolean }) {
  const { value, onChange, schema, long } = props;
  const change = (next: string) => {
    onChange(next === '' ? undefined : next);
  };
  if (long) {
    return (
      <Textarea
        {...common(props)}
        autosize
        minRows={3}
        maxRows={12}
        value={text(value)}
        onChange={(event) => {
          change(event.currentTarget.value);
        }}
      />
    );
  }
  return (
    <TextInput
      {...common(props)}
      type={schema.format === 'email' ? 'email' : 'text'}
      placeholder={Array.isArray(schema.examples) ? text(schema.examples[0]) : undefined}
      value={text(value)}
      onChange={(event) => {
        change(event.currentTarget.value);
      }}
    />
  );
}

/** Money and the like: digits as they are typed, never a binary fraction; a comma is taken as a point. */
export function DecimalField(props: InputProps) {
  const { value, onChange, schema } = props;
  return (
    <TextInput
      {...common(props)}
      inputMode="decimal"
      value={text(value)}
      onChange={(event) => {
        const typed = event.currentTarget.value.replace(/[\s\u00a0]/g, '').replace(',', '.');
        if (typed === '') onChange(undefined);
        else if (/^-?\d*\.?\d*$/.test(typed)) onChange(schema.type === 'number' && isWhole(typed) ? Number(typed) : typed);
      }}
    />
  );
}

function isWhole(typed: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(typed) && String(Number(typed)) === typed;
}

export function NumberField(props: InputProps & { integer?: boolean }) {
  const { value, onChange, schema, integer } = props;
  return (
    <NumberInput
      {...common(props)}
      allowDecimal={!integer}
      min={numberLimit(schema.minimum)}
      max={numberLimit(schema.maximum)}
      clampBehavior="none"
      value={typeof value === 'number' || typeof value === 'string' ? value : ''}
      onChange={(next) => {
        onChange(next === '' ? undefined : next);
      }}
    />
  );
}

export function BooleanField(props: InputProps) {
  const { value, onChange, id, label, description, disabled, error } = props;
  return (
    <Switch
      id={id}
      label={label}
      description={description}
      disabled={disabled}
      error={error}
      checked={value === true}
      onChange={(event) => {
        onChange(event.currentTarget.checked);
      }}
    />
  );
}

function useOptions(schema: Schema): { value: Json; key: string; label: string }[] {
  const { i18n } = useTranslation('form');
  return (choicesOf(schema) ?? []).map(({ value, schema: own }, index) => ({ value, key: String(index), label: textOf(own, 'title', i18n.language) ?? text(value) }));
}

export function EnumField(props: InputProps) {
  const { value, onChange, schema, required } = props;
  const options = useOptions(schema);
  return (
    <Select
      {...common(props)}
      data={options.map(({ key, label }) => ({ value: key, label }))}
      value={options.find((option) => option.value === value)?.key ?? null}
      clearable={!required}
      searchable={options.length > 12}
      onChange={(key) => {
        onChange(options.find((option) => option.key === key)?.value);
      }}
    />
  );
}

/** Several of a few: boxes to tick; of many: a list to pick from. */
export function EnumsField(props: InputProps) {
  const { value, onChange, schema } = props;
  const options = useOptions(resolve(asSchema(schema.items), useForm().root));
  const chosen = Array.isArray(value) ? value : [];
  const keys = options.filter((option) => chosen.includes(option.value)).map((option) => option.key);
  const choose = (next: string[]): void => {
    const values = options.filter((option) => next.includes(option.key)).map((option) => option.value);
    onChange(values.length === 0 ? undefined : values);
  };
  if (options.length > mostBoxes) {
    return <MultiSelect {...common(props)} data={options.map(({ key, label }) => ({ value: key, label }))} value={keys} searchable clearable onChange={choose} />;
  }
  return (
    <Checkbox.Group {...common(props)} value={keys} onChange={choose}>
      <Stack gap={8} mt={6}>
        {options.map(({ key, label }) => (
          <Checkbox key={key} value={key} label={label} disabled={props.disabled} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}

export function DateField(props: InputProps) {
  const { value, onChange } = props;
  const { i18n } = useTranslation('form');
  return (
    <DateInput
      {...common(props)}
      clearable
      locale={i18n.language}
      valueFormat={i18n.language === 'ru' ? 'DD.MM.YYYY' : 'D MMM YYYY'}
      value={typeof value === 'string' ? value : null}
      onChange={(next) => {
        onChange(next ?? undefined);
      }}
    />
  );
}

export function DateTimeField(props: InputProps) {
  const { value, onChange } = props;
  const { i18n } = useTranslation('form');
  return (
    <DateTimePicker
      {...common(props)}
      clearable
      locale={i18n.language}
      valueFormat={i18n.language === 'ru' ? 'DD.MM.YYYY HH:mm' : 'D MMM YYYY, HH:mm'}
      value={typeof value === 'string' ? dayjs(value).format('YYYY-MM-DD HH:mm:ss') : null}
      onChange={(next) => {
        onChange(next === null ? undefined : dayjs(next).toISOString());
      }}
    />
  );
}
