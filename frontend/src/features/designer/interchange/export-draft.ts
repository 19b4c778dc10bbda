// The draft as a file of the wanted format, handed to the browser to save.

import { notifications } from '@mantine/notifications';
import i18next from 'i18next';

import type { About } from '@/shared/bpmn/write';
import { documentJson } from '@/shared/definition/document-json';
import type { Locale, NodeTypeMap } from '@/shared/graph/node-type';
import type { GraphDocument } from '@/shared/graph/types';

import type { ExportFormat } from '../model/interchange-actions';
import { failureText } from './failure-text';

export interface Draft extends About {
  doc: GraphDocument;
  types: NodeTypeMap;
  locale: Locale;
}

export async function exportDraft(format: ExportFormat, draft: Draft): Promise<void> {
  try {
    const file = await made(format, draft);
    if (file !== undefined) save(file, `${draft.key}.${format}`);
  } catch (error) {
    notifications.show({ message: i18next.t('interchange:export.failed', { message: failureText(error) }), color: 'red' });
  }
}

async function made(format: ExportFormat, draft: Draft): Promise<Blob | undefined> {
  if (format === 'json') return new Blob([documentJson(draft.doc)], { type: 'application/json' });
  if (format === 'bpmn') {
    const { writeBpmnFile } = await import('./bpmn-files');
    const { xml, keptBroken } = await writeBpmnFile(draft.doc, { key: draft.key, title: draft.title });
    if (keptBroken) notifications.show({ message: i18next.t('interchange:export.kept_broken'), color: 'yellow' });
    return new Blob([xml], { type: 'application/xml' });
  }
  return picture(format, draft);
}

async function picture(format: 'svg' | 'png', { doc, types, locale }: Draft): Promise<Blob | undefined> {
  const [{ browserPencil }, { drawPicture }, { toPng }] = await Promise.all([import('@/shared/picture/pencil'), import('@/shared/picture/draw-svg'), import('@/shared/picture/to-png')]);
  const pencil = await browserPencil({ types, locale, kindName: (kind) => i18next.t(`designer:kind.${kind}`), otherwise: i18next.t('designer:canvas.otherwise') });
  const drawn = drawPicture(doc, pencil);
  if (drawn === undefined) {
    notifications.show({ message: i18next.t('interchange:export.empty') });
    return undefined;
  }
  if (format === 'svg') return new Blob([drawn.svg], { type: 'image/svg+xml' });
  const { blob, scale } = await toPng(drawn);
  if (scale < 1) notifications.show({ message: i18next.t('interchange:export.shrunk', { percent: Math.round(scale * 100) }), color: 'yellow' });
  return blob;
}

function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download has begun by then; the address would keep the file in memory.
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, 10_000);
}
