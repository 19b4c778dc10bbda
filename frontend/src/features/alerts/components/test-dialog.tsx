import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import type { AlertRule } from '@/shared/api/types';

import { alertRules, noticeQuery } from '../api/alerts-api';
import { DeliveryList } from './delivery-list';

/** Sends a test and shows how it arrives. */
export function TestDialog({ rule, onClose }: { rule: AlertRule; onClose: () => void }) {
  const { t } = useTranslation('alerts');
  const send = useMutation({ mutationFn: () => alertRules.test(rule.id) });
  const notice = useQuery(noticeQuery(send.data?.id));
  const deliveries = notice.data?.deliveries ?? send.data?.deliveries ?? [];
  return (
    <Modal opened onClose={onClose} title={t('test.title', { name: rule.name === '' ? t(`kind.${rule.kind}`) : rule.name })}>
      <Stack>
        <Text size="sm">{send.data ? t('test.under_way') : t('test.text')}</Text>
        {send.data ? (
          <DeliveryList deliveries={deliveries} />
        ) : (
          <Text size="sm" c="dimmed">
            {[...rule.emails, ...(rule.webhook_url === undefined ? [] : [rule.webhook_url])].join(', ')}
          </Text>
        )}
        {send.error && (
          <Text size="sm" c="red" role="alert">
            {send.error.message}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common:action.close')}
          </Button>
          <Button
            leftSection={<IconSend size={15} />}
            loading={send.isPending}
            onClick={() => {
              send.mutate();
            }}
          >
            {t('test.send')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
