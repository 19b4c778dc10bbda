import { api, take } from '@/shared/api/client';
import { randomId } from '@/shared/api/random-id';
import type { JsonObject } from '@/shared/api/types';

export interface StartRequest {
  definition: string;
  version?: number;
  custom_id: string;
  input: JsonObject;
  priority?: number;
  start_at?: string;
}

export interface Started {
  id: string;
  existing: boolean;
}

/**
 * Starts with an idempotency key that belongs to the body: pressing the button again after a lost answer finds the process
 * that was started, and a corrected form is another start.
 */
export function makeStarter(): (request: StartRequest) => Promise<Started> {
  let last: { body: string; key: string } | undefined;
  return (request) => {
    const body = JSON.stringify(request);
    if (last?.body !== body) last = { body, key: randomId() };
    return take(api.POST('/processes', { body: request, params: { header: { 'Idempotency-Key': last.key } } }));
  };
}
