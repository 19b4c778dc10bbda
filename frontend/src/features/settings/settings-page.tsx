import { useTranslation } from 'react-i18next';

import { useMay } from '@/shared/session/me';
import { Page } from '@/shared/ui/page';
import { PageHeader } from '@/shared/ui/page-header';

import { CalendarsCard } from './components/calendars-card';
import { ProfileCard } from './components/profile-card';
import { RetentionCard } from './components/retention-card';
import { SecretsCard } from './components/secrets-card';
import { TokensCard } from './components/tokens-card';
import { UsersCard } from './components/users-card';

export function SettingsPage() {
  const { t } = useTranslation('settings');
  const may = useMay();
  return (
    <>
      <PageHeader crumbs={[{ label: t('title') }]} />
      <Page narrow>
        <ProfileCard />
        <TokensCard />
        {may('definition.read') && <CalendarsCard />}
        {may('process.read') && <RetentionCard />}
        {may('secret.read') && <SecretsCard />}
        {may('user.manage') && <UsersCard />}
      </Page>
    </>
  );
}
