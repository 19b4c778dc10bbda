import { PageHeader } from '@/shared/ui/page-header';

export function WorkersPage() {
  return <PageHeader crumbs={[{ label: 'WorkersPage' }]} />;
}
