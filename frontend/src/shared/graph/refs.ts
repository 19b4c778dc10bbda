// Names of what is drawn: nodes by their ids, frames and notes by theirs with a prefix that no node id can have.

export interface Ref {
  what: 'node' | 'frame' | 'note';
  id: string;
}

export const frameRef = (id: string): string => `frame:${id}`;

export const noteRef = (id: string): string => `note:${id}`;

export function parseRef(ref: string): Ref {
  if (ref.startsWith('frame:')) return { what: 'frame', id: ref.slice(6) };
  if (ref.startsWith('note:')) return { what: 'note', id: ref.slice(5) };
  return { what: 'node', id: ref };
}
