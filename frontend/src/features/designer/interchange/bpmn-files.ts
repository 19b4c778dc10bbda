// BPMN files, read and written by a worker that is ended when it takes too long.

import { UnreadableFile } from '@/shared/bpmn/failure';
import type { ReadFile } from '@/shared/bpmn/import';
import type { Choice } from '@/shared/bpmn/report';
import type { About, WrittenFile } from '@/shared/bpmn/write';
import type { GraphDocument } from '@/shared/graph/types';

import type { Answer, Question } from './worker-messages';

const DEADLINE_MS = 30_000;

function ask(question: Question): Promise<Answer> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Answer>((resolve, reject) => {
    const late = setTimeout(() => {
      reject(new UnreadableFile('too_long'));
    }, DEADLINE_MS);
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      clearTimeout(late);
      resolve(data);
    };
    worker.onerror = ({ message }) => {
      clearTimeout(late);
      reject(new UnreadableFile('broken', { line: 1, cause: message }));
    };
    worker.postMessage(question);
  }).finally(() => {
    worker.terminate();
  });
}

export async function readBpmnFile(bytes: Uint8Array, choice: Choice | undefined): Promise<ReadFile> {
  const answer = await ask({ task: 'read', bytes, choice });
  if (answer.ok && answer.task === 'read') return answer.file;
  throw refused(answer);
}

export async function writeBpmnFile(doc: GraphDocument, about: About): Promise<WrittenFile> {
  const answer = await ask({ task: 'write', doc, about });
  if (answer.ok && answer.task === 'write') return answer.file;
  throw refused(answer);
}

function refused(answer: Answer): UnreadableFile {
  return answer.ok ? new UnreadableFile('too_long') : new UnreadableFile(answer.code, answer.params);
}
