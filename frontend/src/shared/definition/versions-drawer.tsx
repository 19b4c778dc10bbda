// All versions of a definition: note, author, what runs on each; which one new processes take.

import { Badge, Button, Code, Drawer, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { IconGitBranch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { readVersion, setLatest, versionsQuery } from '@/shared/api/definitions';
import type { VersionSummary } from '@/shared/api/types';
import type { GraphDocument } from '@/shared/graph/types';
import { useMay } from '@/shared/session/me';
import { EmptyState, ErrorState, LoadingRows } from '@/shared/ui/faces';
import { RelativeTime } from '@/shared/ui/moment';

import classes from './versions-drawer.module.css';

export interface VersionsDrawerProps {
  definition: string;
  title: string;
  opened: boolean;
  onClose: () => void;
  /** Offered where a draft is open. */
  onRestore?: (document: GraphDocument, version: number) => void;
  mayEdit?: boolean;
}

export function VersionsDrawer({ opened, onClose, title, ...rest }: VersionsDrawerProps) {
  const { t } = useTranslation('definitions');
  return (
    <Drawer opened={opened} onClose={onClose} title={t('versions.title', { title })} position="right" size={440} keepMounted={false}>
      <VersionList {...rest} />
    </Drawer>
  );
}

type VersionListProps = Omit<VersionsDrawerProps, 'opened' | 'onClose' | 'title'>;

function VersionList({ definition, onRestore, mayEdit = false }: VersionListProps) {
  const { t } = useTranslation('definitions');
  const versions = useQuery(versionsQuery(definition));
  if (versions.isError) return <ErrorState error={versions.error} onRetry={() => void versions.refetch()} />;
  if (versions.data === undefined) return <LoadingRows rows={4} height={72} />;
  if (versions.data.length === 0) {
    return (
      <EmptyState icon={IconGitBranch} title={t('versions.none')}>
        {t('versions.none_text')}
      </EmptyState>
    );
  }
  return (
    <Stack gap="sm">
      {versions.data.map((version) => (
        <VersionCard key={version.number} definition={definition} version={version} {...(mayEdit && onRestore !== undefined && { onRestore })} />
      ))}
    </Stack>
  );
}

interface VersionCardProps {
  definition: string;
  version: VersionSummary;
  onRestore?: (document: GraphDocument, version: number) => void;
}

function VersionCard({ definition, version, onRestore }: VersionCardProps) {
  const { t } = useTranslation('definitions');
  const client = useQueryClient();
  const may = useMay();
  const failed = (error: Error): void => {
    notifications.show({ message: error.message, color: 'red' });
  };
  const latest = useMutation({
    mutationFn: () => setLatest(definition, version.number),
    onSuccess: () => client.invalidateQueries({ queryKey: ['definitions'], predicate: (query) => query.queryKey[1] !== 'draft' }),
    onError: failed,
  });
  const restore = useMutation({
    mutationFn: () => readVersion(definition, version.number),
    onSuccess: (read) => onRestore?.(read.document, version.number),
    onError: failed,
  });
  return (
    <article className={classes.card} data-latest={version.latest ? 'true' : undefined} data-testid={`version-${version.number}`}>
      <Group justify="space-between" wrap="nowrap">
        <Group gap={8}>
          <b>v{version.number}</b>
          {version.latest && (
            <Badge size="sm" variant="light">
              {t('versions.latest')}
            </Badge>
          )}
        </Group>
        <Text size="xs" c="dimmed">
          {version.published_by} · <RelativeTime at={version.published_at} />
        </Text>
      </Group>
      <Text size="sm" c={version.note === '' ? 'dimmed' : undefined} className={classes.note}>
        {version.note === '' ? t('versions.no_note') : version.note}
      </Text>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Group gap={10} wrap="nowrap">
          <Code className={classes.checksum} title={version.checksum}>
            {version.checksum.replace(/^sha256:/, '').slice(0, 8)}
          </Code>
          {version.running > 0 ? (
            <Link className={classes.running} to="/processes" search={{ definition, version: String(version.number) } as never}>
              {t('versions.running', { count: version.running })}
            </Link>
          ) : (
            <Text size="xs" c="dimmed">
              {t('versions.idle')}
            </Text>
          )}
        </Group>
        <Group gap={6} wrap="nowrap">
          {onRestore !== undefined && (
            <Button
              variant="subtle"
              color="gray"
              loading={restore.isPending}
              onClick={() => {
                restore.mutate();
              }}
            >
              {t('versions.restore')}
            </Button>
          )}
          {!version.latest && may('definition.publish') && (
            <Button
              variant="default"
              loading={latest.isPending}
              onClick={() => {
                latest.mutate();
              }}
            >
              {t('versions.make_latest')}
            </Button>
          )}
        </Group>
      </Group>
    </article>
  );
}
