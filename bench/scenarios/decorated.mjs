/** Decorates a class and its methods like the TypeScript compiler, because JavaScript has no syntax for it yet. */
export function decorated(target, onClass, onMethods) {
  for (const [name, { on, parameters = [] }] of Object.entries(onMethods)) {
    const types = parameters.map(() => Object);
    Reflect.defineMetadata('design:paramtypes', types, target.prototype, name);
    for (const [i, decorate] of parameters.entries()) decorate(target.prototype, name, i);
    const descriptor = Object.getOwnPropertyDescriptor(target.prototype, name);
    for (const decorate of on.toReversed()) decorate(target.prototype, name, descriptor);
  }
  for (const decorate of onClass.toReversed()) decorate(target);
  return target;
}
