import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { Json } from '@/shared/api/types';

import { ArrayField } from './array-field';
import { FileField, FilesField } from './file-field';
import { useComplaint, useForm } from './form-context';
import { JsonField } from './json-field';
import { ObjectField } from './object-field';
import {
  BooleanField, DateField, DateTimeField, DecimalField, EnumField, EnumsField, NumberField, TextField,
} from './scalar-fields';
import { descriptionOf, kindOf, resolve, titleOf, type Schema } from './schema';

interface FieldProps {
  name: string;
  path: string;
  schema: Schema;
  required: boolean;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  /** Instead of the schema's own title, for items of a list. */
  label?: string;
}

export interface InputProps {
  id: string;
  path: string;
  schema: Schema;
  label: string;
  description: string | undefined;
  required: boolean;
  disabled: boolean;
  error: string | undefined;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}

export function Field({ name, path, schema: given, required, value, onChange, label }: FieldProps): ReactNode {
  const { i18n } = useTranslation('form');
  const { root, disabled } = useForm();
  const schema = resolve(given, root);
  const props: InputProps = {
    id: `field${path.replaceAll('/', '-')}`,
    path,
    schema,
    label: label ?? titleOf(schema, name, i18n.language),
    description: descriptionOf(schema, i18n.language),
    required,
    disabled: disabled || schema.readOnly === true,
    error: useComplaint(path),
    value,
    onChange,
  };
  switch (kindOf(schema, root)) {
    case 'text':
      return <TextField {...props} />;
    case 'long_text':
      return <TextField {...props} long />;
    case 'decimal':
      return <DecimalField {...props} />;
    case 'number':
      return <NumberField {...props} />;
    case 'integer':
      return <NumberField {...props} integer />;
    case 'boolean':
      return <BooleanField {...props} />;
    case 'enum':
      return <EnumField {...props} />;
    case 'enums':
      return <EnumsField {...props} />;
    case 'date':
      return <DateField {...props} />;
    case 'date_time':
      return <DateTimeField {...props} />;
    case 'file':
      return <FileField {...props} />;
    case 'files':
      return <FilesField {...props} />;
    case 'object':
      return <ObjectField {...props} />;
    case 'array':
      return <ArrayField {...props} />;
    case 'const':
      return null;
    case 'json':
      return <JsonField {...props} />;
  }
}
