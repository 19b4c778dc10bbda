// The names in scope at a node, with what they were in the last run, worked out when somebody looks.

import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';

import { calledDocument } from '@/shared/api/called-version';
import { readableTasks } from '@/shared/graph/query';
import { currentLanguage } from '@/shared/i18n/i18n';

import { scopeAt, type Name, type ScopeOptions } from '../model/scope';
import { withValues } from '../model/scope-values';
import { useCatalog, useSession } from './designer-context';
import { knownValues } from './use-run-data';

export function useScope(node: string, options: ScopeOptions = {}): () => Name[] {
  const { context, definition } = useSession();
  const { types } = useCatalog();
  const client = useQueryClient();
  const result = options.result === true;
  return useCallback(() => {
    const { doc } = context.store.getState();
    const names = scopeAt(doc, node, types, currentLanguage(), { result, called: (call) => calledDocument(client, call) });
    return withValues(names, knownValues(client, definition, readableTasks(doc, node).map((task) => task.id)));
  }, [context, definition, node, types, result, client]);
}
