// Somebody saved this draft meanwhile. Nothing is overwritten: theirs is taken as one step that can be undone, or the own
// work goes on as a copy.

import { Button, Group, Modal, ScrollArea, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { readDraft, type Draft } from '@/shared/api/definitions';
import { useFaultText } from '@/shared/api/fault-text';
import { compareDocuments } from '@/shared/compare/compare';
import { DifferenceList, DifferenceSummary } from '@/shared/compare/difference-list';
import { withFallbackLayout } from '@/shared/graph/fallback-layout';
import { LoadingRows } from '@/shared/ui/faces';
import { RelativeTime } from '@/shared/ui/moment';

import { useDocument, useSession, useUi } from '../hooks/designer-context';
import { useKeepCopy } from './use-keep-copy';

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
  const fault = useFaultText();
  const { definition, context, keeper } = useSession();
  const mine = useDocument();
  const theirs = useQuery({ queryKey: ['definitions', 'draft', definition, 'theirs'], queryFn: ({ signal }) => readDraft(definition, signal), gcTime: 0, staleTime: 0 });

  const take = (draft: Draft): void => {
    const document = withFallbackLayout(draft.document);
    keeper.adopt(document, draft.revision, draft.updated_at, draft.issues ?? []);
    context.store.getState().edit({ label: { key: 'step.take_theirs' }, doc: document });
    onDone();
  };
  const copy = useKeepCopy({ open: true });

  if (theirs.data === undefined) return theirs.isError ? <Text c="var(--tk-bad)">{fault(theirs.error)}</Text> : <LoadingRows rows={3} />;
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
            copy.mutate(mine, {
              onSuccess: () => {
                take(draft);
              },
            });
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
