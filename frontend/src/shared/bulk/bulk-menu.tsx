import { Button, Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconStack2 } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useFaultText } from '@/shared/api/fault-text';
import type { BulkFilter, BulkOperation, BulkOptions } from '@/shared/api/types';
import { useMay } from '@/shared/session/me';

import { ChoiceDialog, type ChosenOperation } from './choice-dialog';
import { prepareBulk } from './prepare';

const operations = ['retry', 'skip', 'suspend', 'resume', 'restart', 'cancel'] as const satisfies readonly BulkOperation[];
const chosen: readonly ChosenOperation[] = ['restart_from', 'migrate', 'message', 'fire'];

/** What can be done to everything that a filter finds. A choice prepares a job and shows its dry run; nothing happens yet. */
export function BulkMenu({ filter }: { filter: BulkFilter }) {
  const { t } = useTranslation('bulk');
  const fault = useFaultText();
  const may = useMay();
  const navigate = useNavigate();
  const [choosing, setChoosing] = useState<ChosenOperation>();
  const definition = filter.definition === '' ? undefined : filter.definition;
  const preparing = useMutation({
    mutationFn: ({ operation, options }: { operation: BulkOperation; options?: BulkOptions }) => prepareBulk(operation, filter, options),
    onSuccess: (job) => navigate({ to: '/bulk/$jobId', params: { jobId: job.id } }),
    onError: (error) => {
      notifications.show({ color: 'red', message: fault(error) });
    },
  });
  if (!may('process.operate')) return null;
  return (
    <>
      <Menu position="bottom-end" width={260}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconStack2 size={15} />} loading={preparing.isPending} data-testid="bulk-menu">
            {t('act')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t('act_hint')}</Menu.Label>
          {operations.map((operation) => (
            <Menu.Item key={operation} onClick={() => { preparing.mutate({ operation }); }}>
              {t(`operation.${operation}`)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          {chosen.map((operation) => {
            const fits = operation === 'message' || definition !== undefined;
            return (
              <Menu.Item key={operation} disabled={!fits} onClick={() => { setChoosing(operation); }}>
                {t(`operation.${operation}`)}…
                {!fits && (
                  <Text size="xs" c="dimmed">
                    {t('choice.needs_definition')}
                  </Text>
                )}
              </Menu.Item>
            );
          })}
          <Menu.Divider />
          {[1, 2, 3, 4, 5].map((priority) => (
            <Menu.Item key={priority} onClick={() => { preparing.mutate({ operation: 'set_priority', options: { priority } }); }}>
              {t('operation.set_priority', { priority })}
            </Menu.Item>
          ))}
          {may('process.delete') && (
            <>
              <Menu.Divider />
              <Menu.Item color="red" onClick={() => { preparing.mutate({ operation: 'delete' }); }}>
                <Text size="sm">{t('operation.delete')}</Text>
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {choosing !== undefined && (
        <ChoiceDialog
          operation={choosing}
          definition={definition}
          version={filter.version}
          onClose={() => { setChoosing(undefined); }}
          onChoose={async (options) => {
            const job = await prepareBulk(choosing, filter, options);
            await navigate({ to: '/bulk/$jobId', params: { jobId: job.id } });
          }}
        />
      )}
    </>
  );
}
