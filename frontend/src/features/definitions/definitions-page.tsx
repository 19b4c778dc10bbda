import { PageHeader } from '@/shared/ui/page-header';

export function DefinitionsPage() {
  return <PageHeader crumbs={[{ label: 'DefinitionsPage' }]} />;
}
