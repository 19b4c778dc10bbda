import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import type { JsonObject } from '@/shared/api/types';

import { Field } from './field';
import { FormContext, useComplaint } from './form-context';
import { propertiesOf, requiredOf, resolve, withProperty, type Schema } from './schema';
import type { FieldIssue } from './validate';

interface SchemaFormProps {
  schema: Schema;
  value: JsonObject;
  onChange: (value: JsonObject) => void;
  issues: readonly FieldIssue[];
  disabled?: boolean;
  processId?: string;
}

/** A form drawn from the JSON Schema of an object. */
export function SchemaForm({ schema, value, onChange, issues, disabled = false, processId }: SchemaFormProps) {
  const { t } = useTranslation('form');
  const context = useMemo(() => ({ root: schema, issues, disabled, processId }), [schema, issues, disabled, processId]);
  const resolved = resolve(schema, schema);
  const properties = propertiesOf(resolved);
  if (properties.length === 0) {
    return (
      <Text c="dimmed" size="sm">
        {t('nothing_to_fill')}
      </Text>
    );
  }
  const required = requiredOf(resolved);
  return (
    <FormContext value={context}>
      <Stack gap="md">
        <WholeComplaint />
        {properties.map(([name, property]) => (
          <Field
            key={name}
            name={name}
            path={`/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`}
            schema={property}
            required={required.has(name)}
            value={value[name]}
            onChange={(next) => {
              onChange(withProperty(value, name, next));
            }}
          />
        ))}
      </Stack>
    </FormContext>
  );
}

function WholeComplaint() {
  const complaint = useComplaint('');
  return complaint === undefined ? null : (
    <Text c="red" size="sm" role="alert">
      {complaint}
    </Text>
  );
}
