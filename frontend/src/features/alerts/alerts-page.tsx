import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { Page } from '@/shared/ui/page';
import { PageHeader } from '@/shared/ui/page-header';

import { HistoryCard } from './components/history-card';
import { RulesCard } from './components/rules-card';

/** Who is told of what, and what they were told. */
export function AlertsPage() {
  const { t } = useTranslation('alerts');
  const navigate = useNavigate({ from: '/alerts' });
  const { state } = useSearch({ from: '/alerts' });
  return (
    <>
      <PageHeader crumbs={[{ label: t('title') }]} />
      <Page>
        <RulesCard />
        <HistoryCard
          state={state ?? 'open'}
          onState={(next) => {
            void navigate({ search: next === 'past' ? { state: 'past' } : {}, replace: true });
          }}
        />
      </Page>
    </>
  );
}
