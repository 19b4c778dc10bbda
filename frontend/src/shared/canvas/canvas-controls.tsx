// Zoom buttons in the corner.

import { useStore } from '@xyflow/react';
import { IconArrowsMaximize, IconMap2, IconMinus, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import type { CanvasApi } from './use-canvas-api';
import type { CanvasMap } from './use-map';

export function CanvasControls({ api, map }: { api: CanvasApi; map: CanvasMap | undefined }) {
  const { t } = useTranslation('designer');
  const percent = useStore((state) => Math.round(state.transform[2] * 100));
  return (
    <div className="tkc-controls" role="toolbar" aria-label={t('canvas.zoom')}>
      {map !== undefined && (
        <button
          type="button"
          aria-label={t('canvas.map')}
          title={t(map.opened ? 'canvas.map_fold' : 'canvas.map_open')}
          aria-pressed={map.opened}
          onClick={map.toggle}
        >
          <IconMap2 size={16} />
        </button>
      )}
      <button type="button" aria-label={t('canvas.zoom_out')} title={t('canvas.zoom_out')} onClick={api.zoomOut}>
        <IconMinus size={16} />
      </button>
      <button type="button" className="tkc-percent" aria-label={t('canvas.actual_size')} title={t('canvas.actual_size')} onClick={api.actualSize}>
        {percent} %
      </button>
      <button type="button" aria-label={t('canvas.zoom_in')} title={t('canvas.zoom_in')} onClick={api.zoomIn}>
        <IconPlus size={16} />
      </button>
      <button type="button" aria-label={t('canvas.fit')} title={t('canvas.fit')} onClick={api.fit}>
        <IconArrowsMaximize size={16} />
      </button>
    </div>
  );
}
