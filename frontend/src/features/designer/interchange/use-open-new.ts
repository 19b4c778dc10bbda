// An imported document as a definition of its own, under the first free key that its title gives.

import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { createDefinition } from '@/shared/api/definitions';
import { isApiError } from '@/shared/api/problem';
import type { DefinitionSummary } from '@/shared/api/types';
import { keyFromTitle } from '@/shared/graph/ids';
import type { GraphDocument } from '@/shared/graph/types';

const MOST_KEYS = 100;
const MOST_TITLE = 120;

export interface NewDraft {
  title: string;
  document: GraphDocument;
}

export function useOpenNew(file: string): UseMutationResult<DefinitionSummary, Error, NewDraft> {
  const { t } = useTranslation('interchange');
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async ({ title, document }) => {
      const name = title.slice(0, MOST_TITLE);
      const base = (keyFromTitle(name) || 'imported').slice(0, 58).replace(/-+$/, '');
      for (let n = 1; ; n++) {
        try {
          return await createDefinition(n === 1 ? base : `${base}-${String(n)}`, name, document);
        } catch (error) {
          if (!isApiError(error) || error.status !== 409 || n > MOST_KEYS) throw error;
        }
      }
    },
    onSuccess: async (created) => {
      notifications.show({ message: t('opened', { title: created.title, file }), color: 'teal' });
      await client.invalidateQueries({ queryKey: ['definitions', 'list'] });
      await navigate({ to: '/definitions/$key', params: { key: created.key } });
    },
  });
}
