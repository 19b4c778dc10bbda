import { apiBase, http, withQuery } from './http';
import type { FileRef } from './types';

/** A file in a payload is an object with "$file"; its bytes are in the server's store. */
export function isFileRef(value: unknown): value is FileRef {
  return (
    typeof value === 'object' && value !== null && '$file' in value && typeof value.$file === 'string' &&
    value.$file.startsWith('sha256:')
  );
}

export function fileUrl(file: FileRef, processId: string | undefined): string {
  return withQuery(`${apiBase}/files/${file.$file.replace(/^sha256:/, '')}`, { process: processId });
}

export async function uploadFile(file: File, signal?: AbortSignal): Promise<FileRef> {
  const form = new FormData();
  form.append('file', file, file.name);
  return http.form<FileRef>('/files', form, signal ? { signal } : {});
}
