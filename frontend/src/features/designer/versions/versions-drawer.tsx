// The versions of the definition that is open.

import { VersionsDrawer as Versions } from '@/shared/definition/versions-drawer';

import { useSession, useUi } from '../hooks/designer-context';

export function VersionsDrawer() {
  const { context, definition, keeper, title } = useSession();
  const opened = useUi((state) => state.versions);
  return (
    <Versions
      definition={definition}
      title={title}
      opened={opened}
      onClose={() => {
        context.ui.setState({ versions: false });
      }}
      onCompare={() => keeper.flush()}
      onRestore={(document, version) => {
        context.store.getState().edit({ label: { key: 'step.restore', params: { version } }, doc: document });
        context.ui.setState({ versions: false });
        requestAnimationFrame(() => context.canvas()?.fit());
      }}
      mayEdit={!context.readOnly}
    />
  );
}
