// An object: its own form when the schema names fields, else names and values as many as wanted.

import { catalogFieldsOf, isObject } from '@/shared/graph/json-schema';
import type { JsonObject } from '@/shared/graph/types';

import classes from './field-frame.module.css';
import { JsonInput } from './json-input';
import type { LiteralInputProps } from './literal-input';
import { ValueMapInput } from './value-map-input';
import { ValueField } from './value-field';

export function ObjectInput(props: LiteralInputProps) {
  const { schema, value, onChange, field } = props;
  if (value !== undefined && !isObject(value)) return <JsonInput {...props} />;
  const fields = catalogFieldsOf(schema);
  const current: JsonObject = value ?? {};
  if (fields.length === 0) {
    return (
      <ValueMapInput
        {...props}
        values={current}
        itemSchema={isObject(schema.additionalProperties) ? schema.additionalProperties : {}}
        onChange={(next, typing) => {
          onChange(Object.keys(next).length === 0 ? undefined : next, typing);
        }}
      />
    );
  }
  return (
    <div className={classes.group}>
      {fields.map((each) => (
        <ValueField
          key={each.name}
          {...props}
          name={each.name}
          label={undefined}
          schema={each.schema}
          required={each.required}
          value={current[each.name]}
          field={`${field}/${each.name}`}
          onChange={(next, typing) => {
            const { [each.name]: _, ...rest } = current;
            const changed = next === undefined ? rest : { ...current, [each.name]: next };
            onChange(Object.keys(changed).length === 0 ? undefined : changed, typing);
          }}
        />
      ))}
    </div>
  );
}
