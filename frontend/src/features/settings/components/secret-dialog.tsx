// One secret: its value, which is sent and never shown, and who may read it.

import { Group, Modal, PasswordInput, TagsInput, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { definitionsQuery } from '@/shared/api/definitions';
import { secretsQuery } from '@/shared/api/secrets';
import type { Secret } from '@/shared/api/types';

import { secrets } from '../api/secrets-api';
import { SaveForm, useSaving } from './save-form';

const FIELDS = ['name', 'description', 'value', 'definitions', 'node_types', 'pools'];

interface SecretDialogProps {
  /** Absent: a new one. */
  secret?: Secret;
  onClose: () => void;
}

export function SecretDialog({ secret, onClose }: SecretDialogProps) {
  const { t } = useTranslation('settings');
  return (
    <Modal opened onClose={onClose} size={560} title={secret === undefined ? t('secrets.add') : `secret://${secret.name}`}>
      <Form onClose={onClose} {...(secret === undefined ? {} : { secret })} />
    </Modal>
  );
}

function Form({ secret, onClose }: SecretDialogProps) {
  const { t } = useTranslation('settings');
  const definitions = useQuery(definitionsQuery(''));
  const [name, setName] = useState('');
  const [description, setDescription] = useState(secret?.description ?? '');
  const [value, setValue] = useState('');
  const [inDefinitions, setInDefinitions] = useState<string[]>(secret?.definitions ?? []);
  const [types, setTypes] = useState<string[]>(secret?.node_types ?? []);
  const [pools, setPools] = useState<string[]>(secret?.pools ?? []);
  const keep = () =>
    secrets.put(secret?.name ?? name.trim(), {
      ...(description.trim() === '' ? {} : { description: description.trim() }),
      definitions: inDefinitions,
      node_types: types,
      pools,
      ...(value === '' ? {} : { value }),
    });
  const saving = useSaving(keep, secretsQuery.queryKey, onClose);
  const issueOf = (field: string) => saving.refused(field)?.message;
  return (
    <SaveForm saving={saving} fields={FIELDS} onClose={onClose}>
      {secret === undefined && (
        <TextInput
          label={t('secrets.name')}
          description={t('secrets.name_hint')}
          required
          data-autofocus
          maxLength={100}
          leftSection={
            <Text size="xs" c="dimmed">
              secret://
            </Text>
          }
          leftSectionWidth={66}
          value={name}
          error={issueOf('name')}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
        />
      )}
      <PasswordInput
        label={t('secrets.value')}
        description={t(secret === undefined ? 'secrets.value_hint' : 'secrets.value_keep')}
        required={secret === undefined}
        autoComplete="new-password"
        maxLength={16384}
        value={value}
        error={issueOf('value')}
        onChange={(event) => {
          setValue(event.currentTarget.value);
        }}
      />
      <TextInput
        label={t('secrets.description')}
        maxLength={2000}
        value={description}
        error={issueOf('description')}
        onChange={(event) => {
          setDescription(event.currentTarget.value);
        }}
      />
      <Text size="sm" c="dimmed">
        {t('secrets.scope_hint')}
      </Text>
      <TagsInput
        label={t('secrets.definitions')}
        placeholder={inDefinitions.length === 0 ? t('secrets.all') : ''}
        data={definitions.data?.items.map((one) => one.key) ?? []}
        value={inDefinitions}
        error={issueOf('definitions')}
        onChange={setInDefinitions}
      />
      <Group grow align="flex-start">
        <TagsInput label={t('secrets.node_types')} placeholder={types.length === 0 ? t('secrets.all') : ''} value={types} error={issueOf('node_types')} onChange={setTypes} />
        <TagsInput label={t('secrets.pools')} placeholder={pools.length === 0 ? t('secrets.all') : ''} value={pools} error={issueOf('pools')} onChange={setPools} />
      </Group>
    </SaveForm>
  );
}
