import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { definitionsQuery } from '@/shared/api/definitions';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Page } from '@/shared/ui/page';
import { PageHeader } from '@/shared/ui/page-header';

import { versionQuery } from './api/version-query';
import { DefinitionChoice } from './components/definition-choice';
import { StartForm } from './components/start-form';

const route = getRouteApi('/processes/new');

export function StartPage() {
  const { t } = useTranslation('start');
  const { definition: key } = route.useSearch();
  const definitions = useQuery(definitionsQuery(''));
  const definition = definitions.data?.items.find((candidate) => candidate.key === key);
  const version = useQuery(versionQuery(definition?.key ?? '', definition?.latest ?? 0));
  const error = definitions.error ?? version.error;
  return (
    <>
      <PageHeader crumbs={[{ label: t('crumb'), to: '/processes' }, { label: t('title') }]} />
      <Page narrow>
        {error ? (
          <ErrorState error={error} onRetry={() => void definitions.refetch()} />
        ) : !definitions.data ? (
          <LoadingRows />
        ) : !definition || definition.latest === 0 ? (
          <DefinitionChoice definitions={definitions.data.items} unknown={key} />
        ) : version.data ? (
          <StartForm key={`${definition.key}-${definition.latest}`} definition={definition} version={version.data} />
        ) : (
          <LoadingRows />
        )}
      </Page>
    </>
  );
}
