// What is seen of the document, and the looking around that changes it.

import { useMemo } from 'react';

import type { CanvasFolding } from '@/shared/canvas/canvas-context';
import type { GraphDocument } from '@/shared/graph/types';

import { showLevel, toggleFold } from '../model/looking';
import { useDocument, useSession, useUi } from './designer-context';

/** The document as it is drawn; it follows both the document and the view. */
export function useSeen(): GraphDocument {
  const { context } = useSession();
  // Asked for anew with each of them; the answer is kept as long as both stay.
  useDocument();
  useUi((state) => state.view);
  return context.seen();
}

export function useFolding(): CanvasFolding {
  const { context } = useSession();
  return useMemo(
    () => ({
      onFold: (ref) => {
        toggleFold(context, ref);
      },
      onEnter: (id) => {
        showLevel(context, id);
      },
    }),
    [context],
  );
}
