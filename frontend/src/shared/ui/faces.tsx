// The three faces of every list that has nothing to show: empty, loading, failed.
import { Button, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconPlugConnectedX, IconRefresh, type Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { useFaultText } from '@/shared/api/fault-text';
import { ApiError } from '@/shared/api/problem';

import classes from './faces.module.css';

interface EmptyStateProps {
  icon: Icon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

export function EmptyState({ icon: IconComponent, title, children, action }: EmptyStateProps) {
  return (
    <div className={classes.face}>
      <div className={classes.tile}>
        <IconComponent size={26} stroke={1.6} />
      </div>
      <Title order={2}>{title}</Title>
      {children && (
        <Text c="dimmed" size="sm" ta="center" maw={440}>
          {children}
        </Text>
      )}
      {action}
    </div>
  );
}

export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation('common');
  const fault = useFaultText();
  const api = error instanceof ApiError ? error : undefined;
  const IconComponent = api?.status === 0 ? IconPlugConnectedX : IconAlertTriangle;
  return (
    <div className={classes.face} role="alert">
      <div className={classes.tile} data-tone="bad">
        <IconComponent size={26} stroke={1.6} />
      </div>
      <Title order={2}>{describeKind(api, t)}</Title>
      <Text c="dimmed" size="sm" ta="center" maw={480}>
        {fault(error)}
        {api?.requestId && (
          <span className={classes.request}>
            {t('error.request')} {api.requestId}
          </span>
        )}
      </Text>
      {onRetry && api?.status !== 403 && api?.code !== 'process.deleted' && (
        <Button variant="default" leftSection={<IconRefresh size={15} />} onClick={onRetry}>
          {t('action.try_again')}
        </Button>
      )}
    </div>
  );
}

function describeKind(error: ApiError | undefined, t: (key: string) => string): string {
  if (error?.code === 'process.deleted') return t('error.deleted');
  switch (error?.status) {
    case 0:
      return t('error.network');
    case 403:
      return t('error.forbidden');
    case 404:
      return t('error.not_found');
    case 503:
      return t('error.unavailable');
    default:
      return t('error.generic');
  }
}

export function LoadingRows({ rows = 6, height = 36 }: { rows?: number; height?: number }) {
  const { t } = useTranslation('common');
  return (
    <Stack gap={8} p="md" aria-busy aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={height} radius="md" opacity={1 - index / (rows + 2)} />
      ))}
    </Stack>
  );
}
