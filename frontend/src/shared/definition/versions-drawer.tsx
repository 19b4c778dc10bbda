// All versions of a definition: note, author, what runs on each; which one new processes take.

import { Button, Code, Drawer, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { IconGitBranch } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { readVersion, setLatest, versionPagesQuery } from '@/shared/api/definitions';
import { useFaultText } from '@/shared/api/fault-text';
import type { VersionSummary } from '@/shared/api/types';
import type { GraphDocument } from '@/shared/graph/types';
import { useMay } from '@/shared/session/me';
import { EmptyState, ErrorState, LoadingRows } from '@/shared/ui/faces';
import { RelativeTime } from '@/shared/ui/moment';
import { Pill } from '@/shared/ui/pill';
import { ReasonDialog } from '@/shared/ui/reason-dialog';

import { runningSearch } from './running-search';
import classes from './versions-drawer.module.css';

export interface VersionsDrawerProps {
  definition: string;
  title: string;
  opened: boolean;
  onClose: () => void;
  /** Offered where a draft is open. */
  onRestore?: (document: GraphDocument, version: number) => void;
  /** Called before the page of the comparison opens, where a draft is open: what is not saved would be missing there. */
  onCompare?: () => Promise<unknown>;
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

function VersionList({ definition, onRestore, onCompare, mayEdit = false }: VersionListProps) {
  const { t } = useTranslation('definitions');
  const versions = useInfiniteQuery(versionPagesQuery(definition));
  if (versions.isError) return <ErrorState error={versions.error} onRetry={() => void versions.refetch()} />;
  if (versions.data === undefined) return <LoadingRows rows={4} height={72} />;
  const all = versions.data.pages.flatMap((page) => page.items);
  if (all.length === 0) {
    return (
      <EmptyState icon={IconGitBranch} title={t('versions.none')}>
        {t('versions.none_text')}
      </EmptyState>
    );
  }
  return (
    <Stack gap="sm">
      {all.map((version) => (
        <VersionCard
          key={version.number}
          definition={definition}
          version={version}
          {...(onCompare !== undefined && { onCompare })}
          {...(mayEdit && onRestore !== undefined && { onRestore })}
        />
      ))}
      {versions.hasNextPage && (
        <Button variant="default" loading={versions.isFetchingNextPage} onClick={() => void versions.fetchNextPage()}>
          {t('versions.older')}
        </Button>
      )}
    </Stack>
  );
}

interface VersionCardProps {
  definition: string;
  version: VersionSummary;
  onRestore?: (document: GraphDocument, version: number) => void;
  onCompare?: () => Promise<unknown>;
}

function VersionCard({ definition, version, onRestore, onCompare }: VersionCardProps) {
  const { t } = useTranslation('definitions');
  const fault = useFaultText();
  const client = useQueryClient();
  const may = useMay();
  const navigate = useNavigate();
  const [choosing, setChoosing] = useState(false);
  const restore = useMutation({
    mutationFn: () => readVersion(definition, version.number),
    onSuccess: (read) => onRestore?.(read.document, version.number),
    onError: (error) => {
      notifications.show({ message: fault(error), color: 'red' });
    },
  });
  const compare = async (): Promise<void> => {
    await onCompare?.();
    await navigate({ to: '/definitions/$key/compare', params: { key: definition }, search: { from: version.number, to: 'draft' } });
  };
  const takeForStarts = async (reason: string): Promise<void> => {
    await setLatest(definition, version.number, reason);
    notifications.show({ message: t('versions.moved', { version: version.number }), color: 'teal' });
    await client.invalidateQueries({ queryKey: ['definitions'], predicate: (query) => query.queryKey[1] !== 'draft' });
  };
  return (
    <article className={classes.card} data-latest={version.latest ? 'true' : undefined} data-testid={`version-${version.number}`}>
      <Group justify="space-between" wrap="nowrap">
        <Group gap={8}>
          <b>v{version.number}</b>
          {version.latest && (
            <Pill tone="accent">{t('versions.latest')}</Pill>
          )}
        </Group>
        <Text size="xs" c="dimmed">
          {version.published_by} · <RelativeTime at={version.published_at} />
        </Text>
      </Group>
      <Text size="sm" c={version.note === '' ? 'dimmed' : undefined} className={classes.note}>
        {version.note === '' ? t('versions.no_note') : version.note}
      </Text>
      <Group gap={10} wrap="nowrap">
          <Code className={classes.checksum} title={version.checksum}>
            {version.checksum.replace(/^sha256:/, '').slice(0, 8)}
          </Code>
          {version.running > 0 ? (
            <Link className={classes.running} to="/processes" search={runningSearch(definition, version.number)}>
              {t('versions.running', { count: version.running })}
            </Link>
          ) : (
            <Text size="xs" c="dimmed">
              {t('versions.idle')}
            </Text>
          )}
          {version.incidents > 0 && <Pill tone="bad">{t('versions.incidents', { count: version.incidents })}</Pill>}
      </Group>
      <Group gap={6} justify="flex-end">
        <Button variant="subtle" color="gray" onClick={() => void compare()}>
          {t('versions.compare')}
        </Button>
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
            onClick={() => {
              setChoosing(true);
            }}
          >
            {t('versions.make_latest')}
          </Button>
        )}
      </Group>
      <ReasonDialog
        opened={choosing}
        onClose={() => {
          setChoosing(false);
        }}
        title={t('versions.make_latest_title', { version: version.number })}
        explanation={t('versions.make_latest_text', { version: version.number })}
        confirm={t('versions.make_latest')}
        onConfirm={takeForStarts}
      />
    </article>
  );
}
