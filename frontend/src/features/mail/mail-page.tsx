import { PageHeader } from '@/shared/ui/page-header';

export function MailPage() {
  return <PageHeader crumbs={[{ label: 'MailPage' }]} />;
}
