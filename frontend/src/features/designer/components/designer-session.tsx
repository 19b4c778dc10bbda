// Ties together what lives as long as a definition is open: the document's store, its keeper, the page's store.

import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import i18next from 'i18next';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

import { readDraft, saveDraft, type Draft } from '@/shared/api/definitions';
import type { Issue } from '@/shared/api/problem';
import type { DefinitionSummary, NodeType } from '@/shared/api/types';
import type { CanvasApi } from '@/shared/canvas/use-canvas-api';
import { sameDocument } from '@/shared/compare/compare';
import type { NodeTypeMap } from '@/shared/graph/node-type';
import type { GraphDocument } from '@/shared/graph/types';
import { viewOf, type View } from '@/shared/graph/view';
import { withFallbackLayout } from '@/shared/graph/fallback-layout';
import { currentLanguage } from '@/shared/i18n/i18n';
import { useLiveClient } from '@/shared/live/live-provider';
import { useMay } from '@/shared/session/me';

import { useCalledVersions } from '../hooks/use-called-versions';
import { CatalogContext, ProblemsContext, SessionContext, useDocument, useDraft, useSession, type Session } from '../hooks/designer-context';
import { fetchExpressionEditor } from '../fields/expression-input';
import { exportDraft } from '../interchange/export-draft';
import type { DesignerContext } from '../model/context';
import { paletteItems } from '../model/palette';
import { showLevel } from '../model/looking';
import { problemsFrom, type Problem } from '../model/problems';
import { tidied } from '../model/tidy';
import { DraftPresence } from '../presence/draft-presence';
import { answerRoll } from '../presence/roll-call';
import { tabId } from '../presence/tab-id';
import { createDesignerStore, type DesignerStore } from '../store/designer-store';
import { DraftKeeper } from '../store/draft-keeper';
import { leftDrafts, localDrafts, type LocalDraft, type LocalDrafts } from '../store/local-drafts';
import { keepFolds, readFolds } from '../store/folds';
import { createUiStore, type UiStore } from '../store/ui-store';
import { Workspace } from './workspace';

const EDITOR_AFTER_MS = 200;

export interface DesignerSessionProps {
  summary: DefinitionSummary;
  draft: Draft;
  /** The tabs of this browser that have the draft open. */
  living: ReadonlySet<string>;
  types: NodeType[] | undefined;
}

/** What was left unsaved here, unless it reached the server after all when the page went away. */
function leftUnsaved(drafts: LocalDrafts, draft: Draft): LocalDraft | undefined {
  const local = drafts.read();
  if (local === undefined || !sameDocument(local.document, draft.document)) return local;
  drafts.forget();
  return undefined;
}

/** What this tab left unsaved, else the newest of what ended tabs did; the rest of that is shown. */
function unsaved(key: string, draft: Draft, tab: string, living: ReadonlySet<string>) {
  const own = localDrafts(key, tab, window.localStorage);
  const left = leftDrafts(key, new Set([...living, tab]), window.localStorage);
  const [newest, ...others] = left;
  if (own.read() !== undefined || newest === undefined) return { own, local: leftUnsaved(own, draft), left };
  const { document, revision, sent } = newest.draft;
  own.keep(document, revision, sent);
  localDrafts(key, newest.tab, window.localStorage).forget();
  return { own, local: leftUnsaved(own, draft), left: others };
}

interface Opening {
  living: ReadonlySet<string>;
  /** The sub-process that is shown first. */
  level: string | undefined;
  mayEdit: boolean;
  onTaken: (by: string) => void;
  onPublished: () => void;
}

/** What was left unsaved here goes on where it began; when somebody saved meanwhile, the person decides. */
function openDraft(key: string, draft: Draft, { living, level, mayEdit, onTaken, onPublished }: Opening) {
  const tab = tabId();
  const { own: drafts, local, left } = unsaved(key, draft, tab, living);
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
  const presence = new DraftPresence({ definition: key, tab, store, keeper, mayEdit, read: () => readDraft(key), onTaken, onPublished });
  const ui = createUiStore({ level, folded: readFolds(key) });
  const typeInto = createStore<{ ref: string | undefined }>()(() => ({ ref: undefined }));
  const stale = local !== undefined && local.revision !== draft.revision && !arrived;
  return {
    store, keeper, presence, tab, left, ui, typeInto, seen: seenOf(store, ui), problems: problemsOf(store, keeper), stale, restored: local !== undefined,
  };
}

/** The view of the document, worked out once for each document and view. */
function seenOf(store: DesignerStore, ui: UiStore): () => GraphDocument {
  let kept: { doc: GraphDocument; view: View; seen: GraphDocument } | undefined;
  return () => {
    const { doc } = store.getState();
    const { view } = ui.getState();
    if (kept?.doc !== doc || kept.view !== view) kept = { doc, view, seen: viewOf(doc, view) };
    return kept.seen;
  };
}

/** The problems that the document still has, of those that the server found. */
function problemsOf(store: DesignerStore, keeper: DraftKeeper): () => readonly Problem[] {
  let kept: { doc: GraphDocument; issues: readonly Issue[]; problems: Problem[] } | undefined;
  return () => {
    const { doc } = store.getState();
    const { issues, checked } = keeper.state.getState();
    if (kept?.doc !== doc || kept.issues !== issues) kept = { doc, issues, problems: problemsFrom(issues, checked, doc) };
    return kept.problems;
  };
}

export function DesignerSession({ summary, draft, living, types }: DesignerSessionProps) {
  const { t } = useTranslation('designer');
  const may = useMay();
  const client = useQueryClient();
  const search = useSearch({ from: '/definitions/$key' });
  const navigate = useNavigate({ from: '/definitions/$key' });
  const [opened] = useState(() =>
    openDraft(summary.key, draft, {
      living,
      level: search.in,
      mayEdit: may('definition.edit'),
      onTaken: (by) => {
        notifications.show({ message: i18next.t('presence:taken', { name: by }) });
      },
      onPublished: () => void client.invalidateQueries({ queryKey: ['definitions'], predicate: (query) => query.queryKey[1] !== 'draft' }),
    }),
  );
  const canvas = useRef<CanvasApi | null>(null);
  const catalog = useMemo(() => {
    const map: NodeTypeMap = Object.fromEntries((types ?? []).map((type) => [type.type, type]));
    return { types: map, items: paletteItems(types ?? []) };
  }, [types]);
  const typesRef = useRef(catalog.types);
  useEffect(() => {
    typesRef.current = catalog.types;
  }, [catalog]);
  const elsewhere = useStore(opened.presence.state, ({ lock }) => lock.state === 'theirs' || lock.state === 'free');
  const readOnly = !may('definition.edit') || elsewhere;
  const mayPublish = may('definition.publish');

  const context = useMemo((): DesignerContext => {
    const { store, ui, keeper } = opened;
    return {
      store,
      ui,
      seen: opened.seen,
      typeInto: opened.typeInto,
      problems: opened.problems,
      canvas: () => canvas.current,
      types: () => typesRef.current,
      locale: currentLanguage,
      readOnly,
      mayPublish,
      save: () => void keeper.flush(),
      exportAs: (format) => {
        const { doc } = store.getState();
        void exportDraft(format, { key: summary.key, title: summary.title, doc, types: typesRef.current, locale: currentLanguage() });
      },
      tidy: () => {
        const { doc, selection } = store.getState();
        const some = selection.nodes.length > 1 ? new Set(selection.nodes) : undefined;
        void tidied(doc, { some, level: ui.getState().view.level }).then((next) => {
          const current = store.getState();
          if (next === undefined) notifications.show({ message: t('tidy.too_long'), color: 'yellow' });
          // An answer to an older question must not move what was drawn since.
          if (next === undefined || current.doc !== doc) return;
          ui.setState({ settling: true });
          if (some === undefined) canvas.current?.openSoon();
          current.edit({ label: { key: some === undefined ? 'step.tidy' : 'step.tidy_some', params: { count: some?.size ?? 0 } }, doc: next });
        });
      },
    };
  }, [opened, readOnly, mayPublish, summary.key, summary.title, t]);

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

  // Once the graph is there: nobody waits for the editor of expressions.
  useEffect(() => {
    const soon = setTimeout(() => void fetchExpressionEditor(), EDITOR_AFTER_MS);
    return () => {
      clearTimeout(soon);
    };
  }, []);

  // The level is in the address: a copied link opens it, and the browser's way back leads out of it.
  useEffect(() => {
    const { ui } = opened;
    return ui.subscribe((state, before) => {
      if (state.view.folded !== before.view.folded) keepFolds(summary.key, state.view.folded);
      if (state.view.level !== before.view.level) void navigate({ search: (now) => ({ ...now, in: state.view.level }) });
    });
  }, [opened, summary.key, navigate]);
  useEffect(() => {
    if (opened.ui.getState().view.level !== search.in) showLevel(context, search.in);
  }, [opened, context, search.in]);
  const live = useLiveClient();
  useEffect(() => {
    const { presence, tab } = opened;
    const hush = answerRoll(summary.key, tab);
    presence.start(live);
    return () => {
      presence.stop();
      hush();
    };
  }, [opened, live, summary.key]);

  const session = useMemo(
    (): Session => ({
      definition: summary.key,
      title: summary.title,
      latest: summary.latest,
      unpublished: summary.unpublished,
      context,
      keeper: opened.keeper,
      presence: opened.presence,
      tab: opened.tab,
      left: opened.left,
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
  useCalledVersions();
  const { context } = useSession();
  // Asked for anew with each of them; the answer is kept as long as both stay.
  useDocument();
  useDraft((state) => state.issues);
  return <ProblemsContext value={context.problems()}>{children}</ProblemsContext>;
}
