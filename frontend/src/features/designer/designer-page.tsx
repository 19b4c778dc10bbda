import { PageHeader } from '@/shared/ui/page-header';

export function DesignerPage() {
  return <PageHeader crumbs={[{ label: 'DesignerPage' }]} />;
}
