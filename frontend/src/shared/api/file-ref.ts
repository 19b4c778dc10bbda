import { api, apiBase, take } from './client';
import type { FileRef } from './types';

/** A file in a payload is an object with "$file"; its bytes are in the server's store. */
export function isFileRef(value: unknown): value is FileRef {
  return (
    typeof value === 'object' && value !== null && '$file' in value && typeof value.$file === 'string' &&
    value.$file.startsWith('sha256:')
  );
}

/** Readable through the process that has it, or by whoever uploaded it; or below an address of its own. */
export function fileUrl(file: FileRef, processId: string | undefined, filesAt = `${apiBase}/files`): string {
  const path = `${filesAt}/${file.$file.replace(/^sha256:/, '')}`;
  return processId === undefined ? path : `${path}?process=${processId}`;
}

export async function uploadFile(file: File): Promise<FileRef> {
  return take(
    api.POST('/files', {
      // The document describes the part as a string; what goes over the wire is the form below.
      body: { file: file.name },
      bodySerializer: () => {
        const form = new FormData();
        form.append('file', file, file.name);
        return form;
      },
    }),
  );
}
