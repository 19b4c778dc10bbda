// Ties together what lives as long as a definition is open: the document's store, its keeper, the page's store.

import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { saveDraft, type Draft } from '@/shared/api/definitions';
import type { DefinitionSummary, NodeType } from '@/shared/api/types';
import type { CanvasApi } from '@/shared/canvas/use-canvas-api';
import { sameDocument } from '@/shared/compare/compare';
import type { NodeTypeMap } from '@/shared/graph/node-type';
import { withPlaces } from '@/shared/graph/edit';
import { withFallbackLayout } from '@/shared/graph/fallback-layout';
import { currentLanguage } from '@/shared/i18n/i18n';
import { useMay } from '@/shared/session/me';

import { CatalogContext, ProblemsContext, SessionContext, useDocument, useDraft, type Session } from '../hooks/designer-context';
import type { DesignerContext } from '../model/context';
import { paletteItems } from '../model/palette';
import { problemsFrom } from '../model/problems';
import { tidyPlaces } from '../model/tidy';
import { createDesignerStore } from '../store/designer-store';
import { DraftKeeper } from '../store/draft-keeper';
import { localDrafts, type LocalDraft, type LocalDrafts } from '../store/local-drafts';
import { createUiStore } from '../store/ui-store';
import { Workspace } from './workspace';

export interface DesignerSessionProps {
  summary: DefinitionSummary;
  draft: Draft;
  types: NodeType[] | undefined;
}

/** What was left unsaved here, unless it reached the server after all when the page went away. */
function leftUnsaved(drafts: LocalDrafts, draft: Draft): LocalDraft | undefined {
  const local = drafts.read();
  if (local === undefined || !sameDocument(local.document, draft.document)) return local;
  drafts.forget();
  return undefined;
}

/** What was left unsaved here goes on where it began; when somebody saved meanwhile, the person decides. */
function openDraft(key: string, draft: Draft) {
  const drafts = localDrafts(key, window.localStorage);
  const local = leftUnsaved(drafts, draft);
  const arrived = local?.sent !== undefined && sameDocument(local.sent, draft.document);
  // Places that nobody chose are shown at once, and saved with the first change.
  const document = withFallbackLayout(draft.document);
  const store = createDesignerStore(local === undefined ? document : withFallbackLayout(local.document));
  const keeper = new DraftKeeper({
    store,
    drafts,
    save: (edited, revision) => saveDraft(key, edited, revision),
    initial: { document, revision: draft.revision, updatedAt: draft.updated_at, issues: draft.issues ?? [] },
  });
  return { store, keeper, ui: createUiStore(), stale: local !== undefined && local.revision !== draft.revision && !arrived, restored: local !== undefined };
}

export function DesignerSession({ summary, draft, types }: DesignerSessionProps) {
  const { t } = useTranslation('designer');
  const may = useMay();
  const client = useQueryClient();
  const [opened] = useState(() => openDraft(summary.key, draft));
  const canvas = useRef<CanvasApi | null>(null);
  const catalog = useMemo(() => {
    const map: NodeTypeMap = Object.fromEntries((types ?? []).map((type) => [type.type, type]));
    return { types: map, items: paletteItems(types ?? []) };
  }, [types]);
  const typesRef = useRef(catalog.types);
  useEffect(() => {
    typesRef.current = catalog.types;
  }, [catalog]);
  const readOnly = !may('definition.edit');
  const mayPublish = may('definition.publish');

  const context = useMemo((): DesignerContext => {
    const { store, ui, keeper } = opened;
    return {
      store,
      ui,
      canvas: () => canvas.current,
      types: () => typesRef.current,
      locale: currentLanguage,
      readOnly,
      mayPublish,
      save: () => void keeper.flush(),
      tidy: () => {
        const { doc } = store.getState();
        void tidyPlaces(doc).then((places) => {
          const current = store.getState();
          if (places === undefined) notifications.show({ message: t('tidy.too_long'), color: 'yellow' });
          // An answer to an older question must not move what was drawn since.
          if (places === undefined || current.doc !== doc) return;
          ui.setState({ settling: true });
          current.edit({ label: { key: 'step.tidy' }, doc: withPlaces(doc, places) });
          requestAnimationFrame(() => canvas.current?.fit());
        });
      },
    };
  }, [opened, readOnly, mayPublish, t]);

  useEffect(() => {
    const { keeper, stale, restored } = opened;
    if (stale) {
      keeper.conflict();
      opened.ui.setState({ dialog: 'conflict' });
    } else if (restored) {
      notifications.show({ message: t('save.restored') });
    }
    keeper.start();
    // Another node begins with its parameters; whoever wants another tab says so after selecting.
    const forget = opened.store.subscribe((state, before) => {
      if (state.selection.nodes[0] !== before.selection.nodes[0]) opened.ui.setState({ tab: 'parameters' });
    });
    const unsubscribe = keeper.state.subscribe((state, before) => {
      if (state.phase === 'conflict' && before.phase !== 'conflict') opened.ui.setState({ dialog: 'conflict' });
      if (state.phase === 'saved' && before.phase !== 'saved') void client.invalidateQueries({ queryKey: ['definitions', 'list'] });
    });
    return () => {
      forget();
      unsubscribe();
      keeper.stop();
    };
  }, [opened, client, t]);

  const session = useMemo(
    (): Session => ({
      definition: summary.key,
      title: summary.title,
      latest: summary.latest,
      unpublished: summary.unpublished,
      context,
      keeper: opened.keeper,
    }),
    [summary, context, opened],
  );
  return (
    <SessionContext value={session}>
      <CatalogContext value={catalog}>
        <WithProblems>
          <Workspace canvas={canvas} />
        </WithProblems>
      </CatalogContext>
    </SessionContext>
  );
}

function WithProblems({ children }: { children: React.ReactNode }) {
  const doc = useDocument();
  const issues = useDraft((state) => state.issues);
  const checked = useDraft((state) => state.checked);
  const problems = useMemo(() => problemsFrom(issues, checked, doc), [issues, checked, doc]);
  return <ProblemsContext value={problems}>{children}</ProblemsContext>;
}
