// A list that the server gives page by page: why there is nothing to see yet, and the way to more of it.

import { Button } from '@mantine/core';
import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { ErrorState, LoadingRows } from './faces';

interface ListedProps {
  list: Pick<UseInfiniteQueryResult, 'error' | 'isPending' | 'refetch'>;
  /** Lines that stand for those that are being read. */
  rows?: number;
  /** Instead of a list without anything in it. */
  none?: ReactNode;
  empty: boolean;
  children: ReactNode;
}

export function Listed({ list, rows = 6, none, empty, children }: ListedProps) {
  if (list.error) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <LoadingRows rows={rows} />;
  return empty && none !== undefined ? none : children;
}

/** The button below a list that has more; not while what is shown is still the list of another filter. */
export function LoadMore({ list }: { list: Pick<UseInfiniteQueryResult, 'hasNextPage' | 'isFetchingNextPage' | 'isPlaceholderData' | 'fetchNextPage'> }) {
  const { t } = useTranslation('common');
  if (!list.hasNextPage || list.isPlaceholderData) return null;
  return (
    <Button variant="default" style={{ alignSelf: 'center' }} loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
      {t('action.load_more')}
    </Button>
  );
}
