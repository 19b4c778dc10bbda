// Reads and writes BPMN files beside the page, which neither waits for them nor falls with them.

import { UnreadableFile } from '@/shared/bpmn/failure';
import { readBpmn } from '@/shared/bpmn/import';
import { writeBpmn } from '@/shared/bpmn/write';

import type { Answer, Question } from './worker-messages';

async function answer(question: Question): Promise<Answer> {
  try {
    if (question.task === 'read') return { ok: true, task: 'read', file: await readBpmn(question.bytes, question.choice) };
    return { ok: true, task: 'write', file: await writeBpmn(question.doc, question.about) };
  } catch (error) {
    if (error instanceof UnreadableFile) return { ok: false, code: error.code, params: error.params };
    return { ok: false, code: 'broken', params: { line: 1, cause: error instanceof Error ? error.message : String(error) } };
  }
}

self.onmessage = ({ data }: MessageEvent<Question>) => {
  void answer(data).then((message) => {
    self.postMessage(message);
  });
};
