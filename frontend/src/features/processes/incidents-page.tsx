import { PageHeader } from '@/shared/ui/page-header';

export function IncidentsPage() {
  return <PageHeader crumbs={[{ label: 'IncidentsPage' }]} />;
}
