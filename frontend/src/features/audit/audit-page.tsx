import { PageHeader } from '@/shared/ui/page-header';

export function AuditPage() {
  return <PageHeader crumbs={[{ label: 'AuditPage' }]} />;
}
