import { Fieldset, Stack, Text } from '@mantine/core';

import type { JsonObject } from '@/shared/api/types';

import { Field, type InputProps } from './field';
import { join, propertiesOf, requiredOf, withProperty } from './schema';

export function ObjectField({ schema, label, description, value, onChange, path, error }: InputProps) {
  const object: JsonObject = value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
  const required = requiredOf(schema);
  return (
    <Fieldset legend={label} radius="lg">
      <Stack gap="md">
        {description && (
          <Text size="xs" c="dimmed">
            {description}
          </Text>
        )}
        {error && (
          <Text size="xs" c="red">
            {error}
          </Text>
        )}
        {propertiesOf(schema).map(([name, property]) => (
          <Field
            key={name}
            name={name}
            path={join(path, name)}
            schema={property}
            required={required.has(name)}
            value={object[name]}
            onChange={(next) => {
              onChange(withProperty(object, name, next));
            }}
          />
        ))}
      </Stack>
    </Fieldset>
  );
}
