// The names in scope at a node, worked out when somebody looks.

import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';

import { calledDocument } from '@/shared/api/called-version';
import { currentLanguage } from '@/shared/i18n/i18n';

import { scopeAt, type Name, type ScopeOptions } from '../model/scope';
import { useCatalog, useSession } from './designer-context';

export function useScope(node: string, options: ScopeOptions = {}): () => Name[] {
  const { context } = useSession();
  const { types } = useCatalog();
  const client = useQueryClient();
  const result = options.result === true;
  return useCallback(
    () => scopeAt(context.store.getState().doc, node, types, currentLanguage(), { result, called: (call) => calledDocument(client, call) }),
    [context, node, types, result, client],
  );
}
