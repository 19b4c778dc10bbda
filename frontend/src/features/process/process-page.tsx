import { PageHeader } from '@/shared/ui/page-header';

export function ProcessPage() {
  return <PageHeader crumbs={[{ label: 'ProcessPage' }]} />;
}
