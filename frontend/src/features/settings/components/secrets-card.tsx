// The secrets that steps name: everybody who draws sees the names, administrators set values that nobody sees again.

import { ActionIcon, Alert, Button, Group, Text } from '@mantine/core';
import { IconKeyOff, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { secretsQuery } from '@/shared/api/secrets';
import type { Secret } from '@/shared/api/types';
import { useMay } from '@/shared/session/me';
import table from '@/shared/ui/data-table.module.css';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Moment, RelativeTime } from '@/shared/ui/moment';
import { Card } from '@/shared/ui/page';
import { RemoveDialog } from '@/shared/ui/remove-dialog';

import { secrets } from '../api/secrets-api';
import { SecretDialog } from './secret-dialog';

export function SecretsCard() {
  const { t } = useTranslation('settings');
  const manages = useMay()('secret.manage');
  const [edited, setEdited] = useState<Secret | 'new'>();
  const [removed, setRemoved] = useState<Secret>();
  const all = useQuery(secretsQuery);
  return (
    <Card
      flush
      title={t('secrets.title')}
      aside={
        manages && (
          <Button
            variant="default"
            leftSection={<IconPlus size={15} />}
            disabled={all.data?.locked === true}
            onClick={() => {
              setEdited('new');
            }}
          >
            {t('secrets.add')}
          </Button>
        )
      }
    >
      {all.data?.locked === true && (
        <Alert variant="light" color="yellow" icon={<IconKeyOff size={18} />} m="md">
          {t('secrets.locked')}
        </Alert>
      )}
      {all.error ? (
        <ErrorState error={all.error} onRetry={() => void all.refetch()} />
      ) : all.isPending ? (
        <LoadingRows rows={2} />
      ) : all.data.items.length === 0 ? (
        <Text size="sm" c="dimmed" p="md">
          {t('secrets.none')}
        </Text>
      ) : (
        <table className={table.table}>
          <thead>
            <tr>
              <th>{t('secrets.name')}</th>
              <th>{t('secrets.scope')}</th>
              <th>{t('secrets.changed')}</th>
              <th>{t('secrets.used')}</th>
              {manages && <th />}
            </tr>
          </thead>
          <tbody>
            {all.data.items.map((secret) => (
              <SecretRow
                key={secret.name}
                secret={secret}
                manages={manages}
                onEdit={() => {
                  setEdited(secret);
                }}
                onRemove={() => {
                  setRemoved(secret);
                }}
              />
            ))}
          </tbody>
        </table>
      )}
      {edited !== undefined && (
        <SecretDialog
          {...(edited === 'new' ? {} : { secret: edited })}
          onClose={() => {
            setEdited(undefined);
          }}
        />
      )}
      {removed !== undefined && (
        <RemoveSecret
          secret={removed}
          onClose={() => {
            setRemoved(undefined);
          }}
        />
      )}
    </Card>
  );
}

interface SecretRowProps {
  secret: Secret;
  manages: boolean;
  onEdit: () => void;
  onRemove: () => void;
}

function SecretRow({ secret, manages, onEdit, onRemove }: SecretRowProps) {
  const { t } = useTranslation('settings');
  const scope = [...secret.definitions, ...secret.node_types, ...secret.pools];
  return (
    <tr>
      <td>
        <div className={table.mono}>secret://{secret.name}</div>
        {secret.description !== undefined && <div className={table.muted}>{secret.description}</div>}
      </td>
      <td className={table.muted}>{scope.length === 0 ? t('secrets.scope_all') : scope.join(', ')}</td>
      <td className={table.muted}>
        <Moment at={secret.value_at} /> {secret.updated_by}
      </td>
      <td className={table.muted}>{secret.last_used_at === undefined ? t('secrets.never') : <RelativeTime at={secret.last_used_at} />}</td>
      {manages && (
        <td className={table.number}>
          <Group gap={4} justify="flex-end" wrap="nowrap">
            <ActionIcon aria-label={t('secrets.edit_of', { name: secret.name })} onClick={onEdit}>
              <IconPencil size={16} stroke={1.7} />
            </ActionIcon>
            <ActionIcon aria-label={t('secrets.remove_of', { name: secret.name })} onClick={onRemove}>
              <IconTrash size={16} stroke={1.7} />
            </ActionIcon>
          </Group>
        </td>
      )}
    </tr>
  );
}

function RemoveSecret({ secret, onClose }: { secret: Secret; onClose: () => void }) {
  const { t } = useTranslation('settings');
  const client = useQueryClient();
  return (
    <RemoveDialog
      title={t('secrets.remove_of', { name: secret.name })}
      text={t('secrets.remove_note')}
      confirm={t('secrets.remove')}
      remove={() => secrets.remove(secret.name)}
      onRemoved={() => client.invalidateQueries({ queryKey: secretsQuery.queryKey })}
      onClose={onClose}
    />
  );
}
