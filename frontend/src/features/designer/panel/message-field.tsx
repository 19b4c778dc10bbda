// Which message is taken: its name, and the key that tells one process from another.

import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { Message } from '@/shared/graph/types';

import type { Name } from '../model/scope';
import { FieldFrame } from '../fields/field-frame';
import { ValueField } from '../fields/value-field';

interface MessageFieldProps {
  message: Message;
  field: string;
  node: string;
  scope: () => Name[];
  onChange: (message: Message, typing?: string) => void;
  onBlur: () => void;
}

export function MessageField({ message, field, node, scope, onChange, onBlur }: MessageFieldProps) {
  const { t } = useTranslation('designer');
  const owner = { node };
  return (
    <>
      <FieldFrame field={`${field}/name`} owner={owner} label={t('message.name')} required description={t('message.name_hint')}>
        <TextInput
          aria-label={t('message.name')}
          value={message.name}
          maxLength={100}
          onBlur={onBlur}
          onChange={(event) => {
            onChange({ ...message, name: event.currentTarget.value }, `${field}/name`);
          }}
        />
      </FieldFrame>
      <ValueField
        name="key"
        label={t('message.key')}
        schema={{ type: 'string', description: t('message.key_hint') }}
        root={{}}
        required={false}
        value={message.key === '' ? undefined : message.key}
        field={`${field}/key`}
        owner={owner}
        node={node}
        scope={scope}
        onBlur={onBlur}
        onChange={(key, typing) => {
          onChange({ ...message, key: typeof key === 'string' ? key : '' }, typing ? `${field}/key` : undefined);
        }}
      />
    </>
  );
}
