import { PageHeader } from '@/shared/ui/page-header';

export function StartPage() {
  return <PageHeader crumbs={[{ label: 'StartPage' }]} />;
}
