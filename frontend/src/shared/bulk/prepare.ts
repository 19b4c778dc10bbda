import { api, take } from '@/shared/api/client';
import type { BulkFilter, BulkOperation, BulkOptions } from '@/shared/api/types';

/** Takes a snapshot of what matches and judges each item; nothing changes yet. */
export const prepareBulk = (operation: BulkOperation, filter: BulkFilter, options?: BulkOptions) =>
  take(api.POST('/bulk-jobs', { body: { operation, filter, ...(options === undefined ? {} : { options }) } }));
