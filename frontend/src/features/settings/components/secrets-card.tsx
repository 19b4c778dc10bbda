// The secrets that steps name: everybody who draws sees the names, administrators set values that nobody sees again.

import { Alert, Text } from '@mantine/core';
import { IconKeyOff } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { secretsQuery } from '@/shared/api/secrets';
import type { Secret } from '@/shared/api/types';
import { useMay } from '@/shared/session/me';
import table from '@/shared/ui/data-table.module.css';
import { Moment, RelativeTime } from '@/shared/ui/moment';
import { RemoveDialog } from '@/shared/ui/remove-dialog';

import { secrets } from '../api/secrets-api';
import { ManagedCard } from './managed-card';
import { SecretDialog } from './secret-dialog';

function scopeOf(secret: Secret): string[] {
  return [...secret.definitions, ...secret.node_types, ...secret.pools];
}

export function SecretsCard() {
  const { t } = useTranslation('settings');
  const manages = useMay()('secret.manage');
  const all = useQuery(secretsQuery);
  const locked = all.data?.locked === true;
  return (
    <ManagedCard<Secret>
      title={t('secrets.title')}
      add={t('secrets.add')}
      addDisabled={locked}
      manages={manages}
      query={all}
      items={all.data?.items}
      keyOf={({ name }) => name}
      editLabel={({ name }) => t('secrets.edit_of', { name })}
      removeLabel={({ name }) => t('secrets.remove_of', { name })}
      notice={
        locked && (
          <Alert variant="light" color="yellow" icon={<IconKeyOff size={18} />} m="md">
            {t('secrets.locked')}
          </Alert>
        )
      }
      none={
        <Text size="sm" c="dimmed" p="md">
          {t('secrets.none')}
        </Text>
      }
      columns={[
        {
          head: t('secrets.name'),
          cell: ({ name, description }) => (
            <>
              <div className={table.mono}>secret://{name}</div>
              {description !== undefined && <div className={table.muted}>{description}</div>}
            </>
          ),
        },
        { head: t('secrets.scope'), muted: true, cell: (secret) => (scopeOf(secret).length === 0 ? t('secrets.scope_all') : scopeOf(secret).join(', ')) },
        {
          head: t('secrets.changed'),
          muted: true,
          cell: (secret) => (
            <>
              <Moment at={secret.value_at} /> {secret.updated_by}
            </>
          ),
        },
        { head: t('secrets.used'), muted: true, cell: ({ last_used_at: at }) => (at === undefined ? t('secrets.never') : <RelativeTime at={at} />) },
      ]}
      editor={(secret, close) => <SecretDialog {...(secret !== undefined && { secret })} onClose={close} />}
      remover={(secret, close) => <RemoveSecret secret={secret} onClose={close} />}
    />
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
