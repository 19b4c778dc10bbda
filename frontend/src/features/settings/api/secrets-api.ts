import { api, take } from '@/shared/api/client';

export interface SecretChange {
  description?: string;
  definitions: string[];
  node_types: string[];
  pools: string[];
  /** Absent keeps the present one. */
  value?: string;
}

export const secrets = {
  put: (name: string, change: SecretChange) => take(api.PUT('/secrets/{name}', { params: { path: { name } }, body: change })),
  remove: (name: string) => take(api.DELETE('/secrets/{name}', { params: { path: { name } } })),
};
