import { PageHeader } from '@/shared/ui/page-header';

export function SettingsPage() {
  return <PageHeader crumbs={[{ label: 'SettingsPage' }]} />;
}
