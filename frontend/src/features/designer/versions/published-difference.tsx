// What publishing would change: the draft beside the version that starts run.

import { Anchor, ScrollArea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { readVersion } from '@/shared/api/definitions';
import { compareDocuments } from '@/shared/compare/compare';
import { DifferenceList, DifferenceSummary } from '@/shared/compare/difference-list';
import { LoadingRows } from '@/shared/ui/faces';

import { useDocument, useSession } from '../hooks/designer-context';
import classes from './published-difference.module.css';

export function PublishedDifference() {
  const { t } = useTranslation('compare');
  const { definition, keeper, latest } = useSession();
  const navigate = useNavigate();
  const doc = useDocument();
  const published = useQuery({
    queryKey: ['definitions', 'compared', definition, latest],
    queryFn: () => readVersion(definition, latest),
    staleTime: Infinity,
  });
  const before = published.data?.document;
  const comparison = useMemo(() => (before === undefined ? undefined : compareDocuments(before, doc)), [before, doc]);
  if (published.isError) return null;
  if (before === undefined || comparison === undefined) return <LoadingRows rows={2} />;
  const show = async (): Promise<void> => {
    await keeper.flush();
    await navigate({ to: '/definitions/$key/compare', params: { key: definition }, search: { from: 'latest', to: 'draft' } });
  };
  return (
    <div className={classes.box}>
      <div className={classes.head}>
        <DifferenceSummary comparison={comparison} />
        <Anchor component="button" type="button" size="sm" onClick={() => void show()}>
          {t('show')}
        </Anchor>
      </div>
      {comparison.items.length > 0 && (
        <ScrollArea.Autosize mah={260} scrollbarSize={6} type="auto">
          <DifferenceList comparison={comparison} before={before} after={doc} />
        </ScrollArea.Autosize>
      )}
    </div>
  );
}
