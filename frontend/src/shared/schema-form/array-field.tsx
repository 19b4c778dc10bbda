import { ActionIcon, Button, Input, Stack } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import type { Json } from '@/shared/api/types';

import classes from './array-field.module.css';
import { Field, type InputProps } from './field';
import { useForm } from './form-context';
import { asSchema, initialValue, join, resolve } from './schema';

export function ArrayField(props: InputProps) {
  const { schema, label, description, value, onChange, path, error, required, disabled, id } = props;
  const { t } = useTranslation('form');
  const { root } = useForm();
  const items: Json[] = Array.isArray(value) ? value : [];
  const itemSchema = resolve(asSchema(schema.items), root);
  const full = typeof schema.maxItems === 'number' && items.length >= schema.maxItems;
  const replace = (index: number, next: Json | undefined) => {
    onChange(items.map((item, place) => (place === index ? (next ?? null) : item)));
  };
  return (
    <Input.Wrapper id={id} label={label} description={description} withAsterisk={required} error={error} labelElement="div">
      <Stack gap="xs" mt={6}>
        {items.map((item, index) => (
          <div key={index} className={classes.item}>
            <div className={classes.grow}>
              <Field
                name={String(index + 1)}
                label={t('item', { n: index + 1 })}
                path={join(path, index)}
                schema={itemSchema}
                required
                value={item ?? undefined}
                onChange={(next) => {
                  replace(index, next);
                }}
              />
            </div>
            <ActionIcon
              className={classes.remove}
              disabled={disabled}
              aria-label={t('remove', { n: index + 1 })}
              onClick={() => {
                onChange(items.filter((_, place) => place !== index));
              }}
            >
              <IconTrash size={16} stroke={1.7} />
            </ActionIcon>
          </div>
        ))}
        <Button
          variant="default"
          className={classes.add}
          disabled={disabled || full}
          leftSection={<IconPlus size={15} />}
          onClick={() => {
            onChange([...items, initialValue(itemSchema, root) ?? null]);
          }}
        >
          {t('add')}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
