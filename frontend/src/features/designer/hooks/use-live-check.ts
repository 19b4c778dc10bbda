// Asks the server what it thinks of the document shortly after a change, before the draft is saved.

import { useEffect } from 'react';

import { validateDocument } from '@/shared/api/definitions';

import { useDocument, useSession } from './designer-context';

const PAUSE_MS = 450;

export function useLiveCheck(): void {
  const { definition, keeper } = useSession();
  const doc = useDocument();
  useEffect(() => {
    if (keeper.state.getState().checked === doc) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      validateDocument(definition, doc, abort.signal)
        .then((issues) => {
          if (!abort.signal.aborted) keeper.found(issues, doc);
        })
        .catch(() => {
          // Saving tells whether the server is there; what it said last stays.
        });
    }, PAUSE_MS);
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [definition, doc, keeper]);
}
