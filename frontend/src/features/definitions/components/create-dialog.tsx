// A new definition: its title, the key made from it, and what to begin with.

import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { createDefinition } from '@/shared/api/definitions';
import { useFaultText } from '@/shared/api/fault-text';
import { ApiError } from '@/shared/api/problem';
import { TEMPLATES, type TemplateName } from '@/shared/definition/templates';
import { isDefinitionKey, keyFromTitle } from '@/shared/graph/ids';
import { currentLanguage } from '@/shared/i18n/i18n';

import { TemplateCards } from './template-cards';

export function CreateDialog({ template, onClose }: { template: TemplateName; onClose: () => void }) {
  const { t } = useTranslation('definitions');
  const fault = useFaultText();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [picked, setPicked] = useState(template);
  const [title, setTitle] = useState(template === 'blank' ? '' : t(`template.${template}`));
  const [ownKey, setOwnKey] = useState<string>();
  const key = ownKey ?? keyFromTitle(title);
  const badKey = key !== '' && !isDefinitionKey(key);
  const create = useMutation({
    mutationFn: () => createDefinition(key, title.trim(), TEMPLATES[picked](currentLanguage())),
    onSuccess: async (created) => {
      await client.invalidateQueries({ queryKey: ['definitions', 'list'] });
      onClose();
      await navigate({ to: '/definitions/$key', params: { key: created.key } });
    },
  });
  const taken = create.error instanceof ApiError && create.error.status === 409;
  return (
    <Modal opened onClose={onClose} title={t('dialog.title')} size={560}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Stack gap="md">
          <TextInput
            data-autofocus
            label={t('dialog.name')}
            placeholder={t('dialog.name_placeholder')}
            required
            maxLength={120}
            value={title}
            onChange={(event) => {
              setTitle(event.currentTarget.value);
              create.reset();
            }}
          />
          <TextInput
            label={t('dialog.key')}
            description={t('dialog.key_text')}
            required
            maxLength={63}
            value={key}
            error={badKey ? t('dialog.bad_key') : taken ? t('dialog.taken') : undefined}
            onChange={(event) => {
              setOwnKey(event.currentTarget.value.toLowerCase());
              create.reset();
            }}
          />
          <div>
            <Text size="sm" fw={500} mb={6}>
              {t('dialog.begin')}
            </Text>
            <TemplateCards picked={picked} onPick={setPicked} withBlank />
          </div>
          {create.error !== null && !taken && (
            <Text size="sm" c="var(--tk-bad)" role="alert">
              {fault(create.error)}
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('common:action.cancel')}
            </Button>
            <Button type="submit" loading={create.isPending} disabled={title.trim() === '' || key === '' || badKey}>
              {t('dialog.create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
