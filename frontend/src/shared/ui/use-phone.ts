// Whether the screen is a phone's. There people look; what is changed is changed where there is room to see what it does.

import { useMediaQuery } from '@mantine/hooks';

export function usePhone(): boolean {
  return useMediaQuery('(max-width: 640px)', false, { getInitialValueInEffect: false });
}
