// One secret: its value, which is sent and never shown, and who may read it.

import { Button, Group, Modal, PasswordInput, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { definitionsQuery } from '@/shared/api/definitions';
import { ApiError } from '@/shared/api/problem';
import { secretsQuery } from '@/shared/api/secrets';
import type { Secret } from '@/shared/api/types';

import { secrets } from '../api/secrets-api';

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
  const client = useQueryClient();
  const definitions = useQuery(definitionsQuery(''));
  const [name, setName] = useState('');
  const [description, setDescription] = useState(secret?.description ?? '');
  const [value, setValue] = useState('');
  const [inDefinitions, setInDefinitions] = useState<string[]>(secret?.definitions ?? []);
  const [types, setTypes] = useState<string[]>(secret?.node_types ?? []);
  const [pools, setPools] = useState<string[]>(secret?.pools ?? []);
  const save = useMutation({
    mutationFn: () =>
      secrets.put(secret?.name ?? name.trim(), {
        ...(description.trim() === '' ? {} : { description: description.trim() }),
        definitions: inDefinitions,
        node_types: types,
        pools,
        ...(value === '' ? {} : { value }),
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: secretsQuery.queryKey });
      onClose();
    },
  });
  const issues = save.error instanceof ApiError ? save.error.issues : [];
  const issueOf = (field: string) => issues.find((issue) => (issue.path ?? '').replace(/^\/?(body|path)/, '').startsWith(`/${field}`))?.message;
  const shown = ['name', 'description', 'value', 'definitions', 'node_types', 'pools'].some((field) => issueOf(field) !== undefined);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} noValidate autoComplete="off">
      <Stack gap="md">
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
        {save.error && !shown && (
          <Text size="sm" c="red" role="alert">
            {save.error.message}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common:action.cancel')}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t('common:action.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
