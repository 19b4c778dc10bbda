import { Group, Stack, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconClock, IconMail, IconWebhook, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import type { AlertDelivery } from '@/shared/api/types';
import { RelativeTime } from '@/shared/ui/moment';
import { Pill } from '@/shared/ui/pill';

const looks = {
  pending: { tone: 'wait', Icon: IconClock },
  sent: { tone: 'ok', Icon: IconCheck },
  failed: { tone: 'bad', Icon: IconX },
} as const;

/** To whom a notice goes, and how far it is. */
export function DeliveryList({ deliveries }: { deliveries: readonly AlertDelivery[] }) {
  return (
    <Stack gap={4}>
      {deliveries.map((delivery) => (
        <Row key={delivery.id} delivery={delivery} />
      ))}
    </Stack>
  );
}

function Row({ delivery }: { delivery: AlertDelivery }) {
  const { t } = useTranslation('alerts');
  const { tone, Icon } = looks[delivery.state];
  const ChannelIcon = delivery.channel === 'email' ? IconMail : IconWebhook;
  return (
    <div data-testid="alert-delivery" data-state={delivery.state}>
      <Group gap={8} wrap="nowrap">
        <Pill tone={tone} icon={<Icon size={13} />}>
          {t(`delivery.${delivery.state}`)}
        </Pill>
        <ChannelIcon size={15} stroke={1.7} />
        <Text size="sm">{delivery.target}</Text>
        {delivery.state === 'pending' && delivery.attempts > 0 && (
          <Tooltip label={t('delivery.next')}>
            <Text size="xs" c="dimmed" component="span">
              {t('delivery.tried', { count: delivery.attempts })} · <RelativeTime at={delivery.next_at} />
            </Text>
          </Tooltip>
        )}
      </Group>
      {delivery.state !== 'sent' && delivery.error !== undefined && (
        <Text size="xs" c="red" mt={2}>
          {delivery.error}
        </Text>
      )}
    </div>
  );
}
