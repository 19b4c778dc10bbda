import type { TFunction } from 'i18next';

import type { BulkFilter } from '@/shared/api/types';
import { formatMoment } from '@/shared/format/time';

/** A filter in one line, as people would say it. */
export function filterText(filter: BulkFilter | undefined, t: TFunction, language: string): string {
  if (filter === undefined) return t('bulk:named');
  const parts: string[] = [];
  const add = (value: string | undefined, key: string) => {
    if (value !== undefined && value !== '') parts.push(t(`bulk:filter.${key}`, { value }));
  };
  add(filter.custom_id, 'custom_id');
  add(filter.custom_id_prefix, 'custom_id_prefix');
  if (filter.custom_ids !== undefined) parts.push(t('bulk:filter.custom_ids', { count: filter.custom_ids.length }));
  add(filter.definition, 'definition');
  add(filter.version === undefined ? undefined : String(filter.version), 'version');
  add(filter.state?.map((state) => t(`common:state.${state}`)).join(', '), 'state');
  add(filter.error_code, 'error_code');
  add(filter.node_id, 'node_id');
  if (filter.error_group !== undefined) parts.push(t('bulk:filter.error_group'));
  add(filter.error_text, 'error_text');
  if (filter.opened_from !== undefined && Date.parse(filter.opened_from) <= 0) {
    // Since ever: whatever has an incident. A step or an error says as much.
    if (filter.node_id === undefined && filter.error_code === undefined && filter.error_text === undefined) parts.push(t('bulk:filter.with_incident'));
  } else {
    add(filter.opened_from === undefined ? undefined : formatMoment(filter.opened_from, language), 'opened_from');
  }
  add(filter.opened_to === undefined ? undefined : formatMoment(filter.opened_to, language), 'opened_to');
  add(filter.worker, 'worker');
  if (filter.outermost === true) parts.push(t('bulk:filter.outermost'));
  add(filter.started_from === undefined ? undefined : formatMoment(filter.started_from, language), 'started_from');
  add(filter.started_to === undefined ? undefined : formatMoment(filter.started_to, language), 'started_to');
  return parts.length === 0 ? t('bulk:filter.all') : parts.join(' · ');
}
