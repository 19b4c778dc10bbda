// A list whose items are fields of their own, each a value or an expression.

import { ActionIcon, Button } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { isObject, resolve, typeOf } from '@/shared/graph/json-schema';
import type { Json } from '@/shared/graph/types';

import classes from './field-frame.module.css';
import { JsonInput } from './json-input';
import type { LiteralInputProps } from './literal-input';
import { ValueField } from './value-field';

function emptyItem(type: string): Json {
  switch (type) {
    case 'object':
      return {};
    case 'array':
      return [];
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return false;
    default:
      return '';
  }
}

export function ListInput(props: LiteralInputProps) {
  const { schema, root, value, onChange, field, label } = props;
  const { t } = useTranslation('designer');
  const item = resolve(schema.items, root);
  if (value !== undefined && !Array.isArray(value)) return <JsonInput {...props} />;
  const items = value ?? [];
  const replace = (index: number, next: Json | undefined, typing: boolean): void => {
    onChange(
      items.map((each, at) => (at === index ? (next ?? '') : each)),
      typing,
    );
  };
  return (
    <div className={classes.items}>
      {items.map((each, index) => (
        <ValueField
          key={index}
          {...props}
          name={String(index)}
          label={`${label} ${index + 1}`}
          schema={isObject(schema.items) ? item : {}}
          required={false}
          value={each === '' ? undefined : each}
          field={`${field}/${index}`}
          onChange={(next, typing) => {
            replace(index, next, typing);
          }}
          actions={
            <ActionIcon
              size={18}
              aria-label={t('field.remove_item', { number: index + 1 })}
              onClick={() => {
                const rest = items.filter((_, at) => at !== index);
                onChange(rest.length === 0 ? undefined : rest, false);
              }}
            >
              <IconX size={13} />
            </ActionIcon>
          }
        />
      ))}
      <div>
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          leftSection={<IconPlus size={13} />}
          onClick={() => {
            onChange([...items, emptyItem(typeOf(item))], false);
          }}
        >
          {t('field.add_item')}
        </Button>
      </div>
    </div>
  );
}
