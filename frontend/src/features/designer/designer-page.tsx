// One definition, being drawn: /definitions/$key.

import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { definitionQuery, nodeTypesQuery } from '@/shared/api/definitions';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { PageHeader } from '@/shared/ui/page-header';

import { readOpening } from './api/opening';
import { DesignerSession } from './components/designer-session';

export function DesignerPage() {
  const { key } = useParams({ from: '/definitions/$key' });
  return <Opened key={key} definition={key} />;
}

function Opened({ definition }: { definition: string }) {
  const { t } = useTranslation('designer');
  const summary = useQuery(definitionQuery(definition));
  const types = useQuery(nodeTypesQuery);
  // The draft is read anew with each visit, and never again behind the back of the one who edits it.
  const draft = useQuery({
    queryKey: ['definitions', 'draft', definition],
    queryFn: ({ signal }) => readOpening(definition, signal),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const error = draft.error ?? (summary.data === undefined ? summary.error : null);
  if (error !== null || draft.data === undefined || summary.data === undefined) {
    return (
      <>
        <PageHeader crumbs={[{ label: t('definitions'), to: '/definitions' }, { label: summary.data?.title ?? definition }]} />
        {error === null ? (
          <LoadingRows rows={8} />
        ) : (
          <ErrorState
            error={error}
            onRetry={() => {
              void draft.refetch();
              void summary.refetch();
            }}
          />
        )}
      </>
    );
  }
  return <DesignerSession summary={summary.data} draft={draft.data.draft} living={draft.data.living} types={types.data} />;
}
