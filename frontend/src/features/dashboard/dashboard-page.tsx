import { PageHeader } from '@/shared/ui/page-header';

export function DashboardPage() {
  return <PageHeader crumbs={[{ label: 'DashboardPage' }]} />;
}
