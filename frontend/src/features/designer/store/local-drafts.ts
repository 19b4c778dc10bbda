// Unsaved work of one definition in this browser.

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

function isLocalDraft(value: unknown): value is LocalDraft {
  if (typeof value !== 'object' || value === null) return false;
  const { document, revision } = value as Partial<LocalDraft>;
  return typeof revision === 'number' && Array.isArray(document?.nodes) && Array.isArray(document.edges);
}

export function localDrafts(key: string, storage: Storage): LocalDrafts {
  const name = `taskurotta-draft:${key}`;
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
    read: () => {
      try {
        const value: unknown = JSON.parse(storage.getItem(name) ?? 'null');
        return isLocalDraft(value) ? value : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
