// One open definition, for every part of the page.

import { createContext, use } from 'react';
import { useStore } from 'zustand';

import type { NodeTypeMap } from '@/shared/graph/node-type';
import type { GraphDocument } from '@/shared/graph/types';

import type { DesignerContext } from '../model/context';
import type { PaletteItem } from '../model/palette';
import type { Problem } from '../model/problems';
import type { DesignerState } from '../store/designer-store';
import type { DraftPresence } from '../presence/draft-presence';
import type { DraftKeeper, DraftState } from '../store/draft-keeper';
import type { LeftDraft } from '../store/local-drafts';
import type { UiState } from '../store/ui-store';

export interface Session {
  definition: string;
  title: string;
  latest: number;
  unpublished: boolean;
  context: DesignerContext;
  keeper: DraftKeeper;
  presence: DraftPresence;
  /** What this browser tab calls itself. */
  tab: string;
  /** Unsaved work of other tabs that ended. */
  left: readonly LeftDraft[];
}

export const SessionContext = createContext<Session | undefined>(undefined);

export interface Catalog {
  types: NodeTypeMap;
  items: readonly PaletteItem[];
}

export const CatalogContext = createContext<Catalog>({ types: {}, items: [] });

export const ProblemsContext = createContext<readonly Problem[]>([]);

export function useSession(): Session {
  const session = use(SessionContext);
  if (session === undefined) throw new Error('a part of the designer is used outside of it');
  return session;
}

export function useCatalog(): Catalog {
  return use(CatalogContext);
}

export function useProblems(): readonly Problem[] {
  return use(ProblemsContext);
}

export function useDesigner<T>(select: (state: DesignerState) => T): T {
  return useStore(useSession().context.store, select);
}

export function useDocument(): GraphDocument {
  return useDesigner((state) => state.doc);
}

export function useUi<T>(select: (state: UiState) => T): T {
  return useStore(useSession().context.ui, select);
}

export function useDraft<T>(select: (state: DraftState) => T): T {
  return useStore(useSession().keeper.state, select);
}
