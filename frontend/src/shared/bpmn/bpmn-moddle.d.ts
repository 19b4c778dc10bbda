// The library ships no types for its entry: this is what we use of it.

declare module 'bpmn-moddle' {
  import type { Moddle } from '@/shared/bpmn/moddle';

  export const BpmnModdle: new (packages: Record<string, unknown>) => Moddle;
}
