import { getFromContainer, type Action, type ClassConstructor } from 'routing-controllers';
import type { Constructor } from '../config/Constructor';
import type { JwtManager } from '../JwtManager';
import { managerOf } from './managerOf';
import { ancestry, nameOf } from './policyRegistry';
import { metadataOf } from './reflection';
import type { ControllerClass, ServerBuild } from './ServerBuild';

/** A manager, and the names of the loaders that it asks, by event. */
export interface ManagerSetup {
  readonly manager: string;
  readonly loaders: Readonly<Record<string, string>>;
}

export interface Setup {
  readonly managers: readonly ManagerSetup[];
  /** Why the container has no manager. */
  readonly missing: readonly string[];
  /** What else it cannot make. */
  readonly problems: readonly string[];
}

/** What the container makes for a server: its managers, their loaders, its controllers. */
export function setupOf(build: ServerBuild | undefined, action: Action | undefined): Setup {
  const managers: ManagerSetup[] = [];
  const missing: string[] = [];
  const problems = controllersOf(build).flatMap((controller) => injectionProblems(controller, build, action));
  for (const managerClass of managersOf(build)) {
    let manager: JwtManager;
    try {
      manager = managerOf(action, managerClass);
    } catch (error) {
      missing.push((error as Error).message);
      continue;
    }
    const { loaders, unusable } = manager.setup(action);
    managers.push({ manager: managerClass?.name ?? 'JwtManager', loaders });
    problems.push(...unusable);
  }
  return { managers, missing, problems: [...new Set(problems)] };
}

/** The managers that guards ask, or the only one of a program without controllers. */
function managersOf(build: ServerBuild | undefined): (Constructor | undefined)[] {
  if (build === undefined) return [undefined];
  const guarded = build.actions.filter(({ policy }) => policy !== undefined && policy.demand !== 'none');
  return [...new Set(guarded.map(({ policy }) => policy?.manager))];
}

function controllersOf(build: ServerBuild | undefined): ControllerClass[] {
  return [...new Set(build?.actions.map(({ controller }) => controller))];
}

/**
 * A container injects by the types that a compiler emits. Without them it passes nothing, or itself, and the first
 * request to use it fails with words that do not help.
 */
function injectionProblems(
  controller: ControllerClass,
  build: ServerBuild | undefined,
  action: Action | undefined,
): string[] {
  const constructed = ancestry(controller).find((each) => (each as ControllerClass).length > 0);
  if (constructed === undefined || metadataOf('design:paramtypes', constructed) !== undefined) return [];
  const methods = build?.actions.filter((each) => each.controller === controller) ?? [];
  const isTyped = methods.some(
    ({ method }) => metadataOf('design:type', controller.prototype as object, method) !== undefined,
  );
  if (isTyped) return [];
  let instance: Record<string, unknown>;
  try {
    instance = getFromContainer(controller as ClassConstructor<Record<string, unknown>>, action);
  } catch {
    // The error of the container says it better.
    return [];
  }
  const names = parametersOf(constructed as ControllerClass);
  const isBroken = names.some((name) => Object.hasOwn(instance, name) && isNothing(instance[name]));
  if (!isBroken) return [];
  return [
    `The constructor of ${nameOf(controller, undefined)} gets nothing injected, because the compiler emits no types: ` +
      'set emitDecoratorMetadata in tsconfig.json and compile with tsc, because tsx and esbuild cannot',
  ];
}

/** Not injected; or TypeDI itself, which it passes to every constructor after the known parameters. */
function isNothing(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === 'object' && value !== null && value.constructor.name === 'ContainerInstance';
}

function parametersOf(constructed: ControllerClass): string[] {
  const [, list = ''] = /\bconstructor\s*\(([^)]*)\)/.exec(String(constructed)) ?? [];
  return list.split(',').map((name) => name.trim());
}
