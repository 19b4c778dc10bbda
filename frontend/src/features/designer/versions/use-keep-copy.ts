// Own work goes on as a definition of its own: nobody's draft is touched.

import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { createDefinition } from '@/shared/api/definitions';
import { isApiError } from '@/shared/api/problem';
import type { DefinitionSummary } from '@/shared/api/types';
import type { GraphDocument } from '@/shared/graph/types';

import { useSession } from '../hooks/designer-context';

const MOST_COPIES = 50;

/** Makes a copy under the next free key; `open` goes to it. */
export function useKeepCopy({ open = false }: { open?: boolean } = {}): UseMutationResult<DefinitionSummary, Error, GraphDocument> {
  const { t } = useTranslation('designer');
  const { definition, title } = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (document) => {
      for (let n = 1; ; n++) {
        const key = `${definition.slice(0, 52).replace(/-+$/, '')}-copy${n === 1 ? '' : `-${n}`}`;
        try {
          return await createDefinition(key, t('conflict.copy_title', { title }), document);
        } catch (error) {
          if (!isApiError(error) || error.status !== 409 || n > MOST_COPIES) throw error;
        }
      }
    },
    onSuccess: async (created) => {
      notifications.show({ message: t('conflict.copied', { title: created.title }), color: 'teal' });
      await client.invalidateQueries({ queryKey: ['definitions', 'list'] });
      if (open) await navigate({ to: '/definitions/$key', params: { key: created.key } });
    },
    onError: (error) => {
      notifications.show({ message: error.message, color: 'red' });
    },
  });
}
