import { ActionIcon, Alert, Button, Code, CopyButton, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconCheck, IconCopy, IconKey, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import dayjs from 'dayjs';
import { type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useFaultText } from '@/shared/api/fault-text';
import type { Token } from '@/shared/api/types';
import table from '@/shared/ui/data-table.module.css';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Moment, RelativeTime } from '@/shared/ui/moment';
import { Card } from '@/shared/ui/page';
import { RemoveDialog } from '@/shared/ui/remove-dialog';

import { settings, tokensQuery } from '../api/settings-api';

export function TokensCard() {
  const { t } = useTranslation('settings');
  const client = useQueryClient();
  const [creating, setCreating] = useState(false);
  const [revoked, setRevoked] = useState<Token>();
  const tokens = useQuery(tokensQuery);
  return (
    <Card
      flush
      title={t('tokens.title')}
      aside={
        <Button
          variant="default"
          leftSection={<IconPlus size={15} />}
          onClick={() => {
            setCreating(true);
          }}
        >
          {t('tokens.add')}
        </Button>
      }
    >
      {tokens.error ? (
        <ErrorState error={tokens.error} onRetry={() => void tokens.refetch()} />
      ) : tokens.isPending ? (
        <LoadingRows rows={2} />
      ) : tokens.data.length === 0 ? (
        <Text size="sm" c="dimmed" p="md">
          {t('tokens.none')}
        </Text>
      ) : (
        <table className={table.table}>
          <thead>
            <tr>
              <th>{t('tokens.name')}</th>
              <th>{t('tokens.created')}</th>
              <th>{t('tokens.used')}</th>
              <th>{t('tokens.expires')}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {tokens.data.map((token) => (
              <tr key={token.id}>
                <td className={table.strong}>{token.name}</td>
                <td className={table.muted}>
                  <Moment at={token.created_at} />
                </td>
                <td className={table.muted}>
                  <RelativeTime at={token.last_used_at} />
                </td>
                <td className={table.muted}>{token.expires_at ? <Moment at={token.expires_at} /> : t('tokens.never')}</td>
                <td className={table.number}>
                  <ActionIcon
                    aria-label={t('tokens.revoke', { name: token.name })}
                    onClick={() => {
                      setRevoked(token);
                    }}
                  >
                    <IconTrash size={16} stroke={1.7} />
                  </ActionIcon>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {revoked !== undefined && (
        <RemoveDialog
          title={t('tokens.revoke_title', { name: revoked.name })}
          text={
            <Stack gap="xs">
              <span>{t('tokens.revoke_note')}</span>
              <span>
                {revoked.last_used_at === undefined ? (
                  t('tokens.revoke_unused')
                ) : (
                  <>
                    {t('tokens.revoke_used')} <RelativeTime at={revoked.last_used_at} />.
                  </>
                )}
              </span>
            </Stack>
          }
          confirm={t('tokens.revoke_confirm')}
          remove={() => settings.deleteToken(revoked.id)}
          onRemoved={() => client.invalidateQueries({ queryKey: tokensQuery.queryKey })}
          onClose={() => {
            setRevoked(undefined);
          }}
        />
      )}
      <Modal
        opened={creating}
        onClose={() => {
          setCreating(false);
        }}
        title={t('tokens.add')}
        keepMounted={false}
      >
        <NewToken
          onClose={() => {
            setCreating(false);
          }}
        />
      </Modal>
    </Card>
  );
}

const lifetimes = ['30', '90', '365', ''] as const;

function NewToken({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('settings');
  const fault = useFaultText();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const create = useMutation({
    mutationFn: () => settings.createToken(name.trim(), days === '' ? undefined : dayjs().add(Number(days), 'day').toISOString()),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  if (create.data) {
    return (
      <Stack>
        <Alert color="teal" variant="light" icon={<IconKey size={18} />}>
          {t('tokens.once')}
        </Alert>
        <Group gap="xs" wrap="nowrap">
          <Code block flex={1} style={{ overflowWrap: 'anywhere', whiteSpace: 'normal' }}>
            {create.data.token}
          </Code>
          <CopyButton value={create.data.token}>
            {({ copied, copy }) => (
              <ActionIcon variant="default" size="lg" onClick={copy} aria-label={t('common:action.copy')}>
                {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
              </ActionIcon>
            )}
          </CopyButton>
        </Group>
        <Button onClick={onClose}>{t('common:action.close')}</Button>
      </Stack>
    );
  }
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (name.trim() !== '') create.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t('tokens.name')}
          description={t('tokens.name_hint')}
          required
          data-autofocus
          maxLength={100}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
        />
        <Select
          label={t('tokens.lifetime')}
          allowDeselect={false}
          value={days}
          data={lifetimes.map((value) => ({ value, label: value === '' ? t('tokens.never') : t('tokens.days', { count: Number(value) }) }))}
          onChange={(value) => {
            setDays(value ?? '');
          }}
        />
        {create.error && (
          <Text size="sm" c="red" role="alert">
            {fault(create.error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('common:action.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('tokens.make')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
