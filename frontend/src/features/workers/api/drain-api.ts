import { api, take } from '@/shared/api/client';

export interface DrainForm {
  /** What still runs then is handed back; zero: it may take its time. */
  minutes: number;
  stay: boolean;
}

export async function drainWorker(worker: string, form: DrainForm, reason: string): Promise<void> {
  const body = { worker, reason, stay: form.stay, ...(form.minutes > 0 && { within_s: form.minutes * 60 }) };
  await take(api.POST('/workers/drain', { body }));
}
