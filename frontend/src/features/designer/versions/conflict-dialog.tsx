// Somebody saved this draft meanwhile. Nothing is overwritten: theirs is taken as one step that can be undone, or the own
// work goes on as a copy.

import { Button, Group, Modal, ScrollArea, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { createDefinition, readDraft, type Draft } from '@/shared/api/definitions';
import { isApiError } from '@/shared/api/problem';
import { compareDocuments } from '@/shared/compare/compare';
import { DifferenceList, DifferenceSummary } from '@/shared/compare/difference-list';
import { LoadingRows } from '@/shared/ui/faces';
import { RelativeTime } from '@/shared/ui/moment';

import { useDocument, useSession, useUi } from '../hooks/designer-context';

export function ConflictDialog() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const opened = useUi((state) => state.dialog === 'conflict');
  const close = (): void => {
    context.ui.setState({ dialog: undefined });
  };
  return (
    <Modal opened={opened} onClose={close} title={t('conflict.title')} size={640} keepMounted={false}>
      <Conflict onDone={close} />
    </Modal>
  );
}

function Conflict({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('designer');
  const { definition, title, context, keeper } = useSession();
  const navigate = useNavigate();
  const mine = useDocument();
  const theirs = useQuery({ queryKey: ['definitions', 'draft', definition, 'theirs'], queryFn: ({ signal }) => readDraft(definition, signal), gcTime: 0, staleTime: 0 });

  const take = (draft: Draft): void => {
    context.store.getState().edit({ label: { key: 'step.take_theirs' }, doc: draft.document });
    keeper.adopt(draft.document, draft.revision, draft.updated_at, draft.issues ?? []);
    onDone();
  };
  const copy = useMutation({
    mutationFn: async () => {
      for (let n = 1; ; n++) {
        const key = `${definition.slice(0, 52)}-copy${n === 1 ? '' : `-${n}`}`;
        try {
          return await createDefinition(key, t('conflict.copy_title', { title }), mine);
        } catch (error) {
          if (!isApiError(error) || error.status !== 409 || n > 20) throw error;
        }
      }
    },
    onSuccess: (created) => {
      if (theirs.data !== undefined) take(theirs.data);
      notifications.show({ message: t('conflict.copied', { title: created.title }), color: 'teal' });
      void navigate({ to: '/definitions/$key', params: { key: created.key } });
    },
  });

  if (theirs.data === undefined) return theirs.isError ? <Text c="var(--tk-bad)">{theirs.error.message}</Text> : <LoadingRows rows={3} />;
  const draft = theirs.data;
  const comparison = compareDocuments(draft.document, mine);
  return (
    <Stack gap="md">
      <Text size="sm">
        {t('conflict.text', { who: draft.updated_by ?? t('conflict.somebody') })} <RelativeTime at={draft.updated_at} />.
      </Text>
      <div>
        <Text size="sm" fw={500} mb={4}>
          {t('conflict.difference')}
        </Text>
        <DifferenceSummary comparison={comparison} />
      </div>
      <ScrollArea.Autosize mah={320} scrollbarSize={6} type="auto">
        <DifferenceList comparison={comparison} before={draft.document} after={mine} />
      </ScrollArea.Autosize>
      {copy.error !== null && (
        <Text size="sm" c="var(--tk-bad)" role="alert">
          {copy.error.message}
        </Text>
      )}
      <Group justify="flex-end" gap="xs">
        <Button
          variant="default"
          onClick={() => {
            take(draft);
          }}
        >
          {t('conflict.take')}
        </Button>
        <Button
          loading={copy.isPending}
          onClick={() => {
            copy.mutate();
          }}
        >
          {t('conflict.copy')}
        </Button>
      </Group>
      <Text size="xs" c="dimmed">
        {t('conflict.hint')}
      </Text>
    </Stack>
  );
}
