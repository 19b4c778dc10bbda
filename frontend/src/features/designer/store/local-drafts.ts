// Unsaved work in this browser: of each definition, one draft for each tab.

import type { GraphDocument } from '@/shared/graph/types';

export interface LocalDraft {
  document: GraphDocument;
  /** The revision of the server's draft that the work began from. */
  revision: number;
  at: string;
  /** What was on its way to the server: whether it arrived is not known. */
  sent?: GraphDocument;
}

export interface LocalDrafts {
  keep: (document: GraphDocument, revision: number, sent?: GraphDocument) => void;
  forget: () => void;
  read: () => LocalDraft | undefined;
}

/** A draft that another tab left behind. */
export interface LeftDraft {
  tab: string;
  draft: LocalDraft;
}

const PREFIX = 'taskurotta-draft:';

function isLocalDraft(value: unknown): value is LocalDraft {
  if (typeof value !== 'object' || value === null) return false;
  const { document, revision, at } = value as Partial<LocalDraft>;
  return typeof revision === 'number' && typeof at === 'string' && Array.isArray(document?.nodes) && Array.isArray(document.edges);
}

function parse(text: string | null): LocalDraft | undefined {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return isLocalDraft(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function localDrafts(key: string, tab: string, storage: Storage): LocalDrafts {
  const name = `${PREFIX}${key}:${tab}`;
  return {
    keep: (document, revision, sent) => {
      try {
        const draft: LocalDraft = { document, revision, at: new Date().toISOString(), ...(sent !== undefined && { sent }) };
        storage.setItem(name, JSON.stringify(draft));
      } catch {
        // The storage is full or forbidden. The server remains, and the header says whether it has the work.
      }
    },
    forget: () => {
      storage.removeItem(name);
    },
    read: () => parse(storage.getItem(name)),
  };
}

/** What tabs left behind that are not among the living, newest first. */
export function leftDrafts(key: string, living: ReadonlySet<string>, storage: Storage): LeftDraft[] {
  const left: LeftDraft[] = [];
  for (let index = 0; index < storage.length; index++) {
    const name = storage.key(index) ?? '';
    if (!name.startsWith(`${PREFIX}${key}:`)) continue;
    const tab = name.slice(PREFIX.length + key.length + 1);
    const draft = parse(storage.getItem(name));
    if (draft !== undefined && !living.has(tab)) left.push({ tab, draft });
  }
  return left.sort((a, b) => (a.draft.at < b.draft.at ? 1 : -1));
}
