import { PageHeader } from '@/shared/ui/page-header';

export function ProcessesPage() {
  return <PageHeader crumbs={[{ label: 'ProcessesPage' }]} />;
}
