import { shared } from '../registry/registry';

/** Whether decorators ran before reflect-metadata was loaded: the types of what they decorate are lost. */
export const reflection = shared('reflection', () => ({ isLate: false }));

export function noteReflection(): void {
  if (!('getMetadata' in Reflect)) reflection.isLate = true;
}

/** Metadata of a compiler with emitDecoratorMetadata. Undefined without reflect-metadata. */
export function metadataOf(name: string, target: object, method?: PropertyKey): unknown {
  const { getMetadata } = Reflect as {
    getMetadata?: (name: string, target: object, method?: PropertyKey) => unknown;
  };
  return method === undefined ? getMetadata?.(name, target) : getMetadata?.(name, target, method);
}
