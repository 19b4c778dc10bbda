// The names in scope at a node, worked out when somebody looks.

import { useCallback } from 'react';

import { currentLanguage } from '@/shared/i18n/i18n';

import { scopeAt, type Name, type ScopeOptions } from '../model/scope';
import { useCatalog, useSession } from './designer-context';

export function useScope(node: string, options: ScopeOptions = {}): () => Name[] {
  const { context } = useSession();
  const { types } = useCatalog();
  const result = options.result === true;
  return useCallback(() => scopeAt(context.store.getState().doc, node, types, currentLanguage(), { result }), [context, node, types, result]);
}
