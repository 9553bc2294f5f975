/*
 * The reference that TypeDoc makes from the doc comments of what package.json exports, a page for each export. A warning
 * of TypeDoc, such as a broken {@link} or an export without a comment, is an error.
 */
import path from 'node:path';
import { Application, Converter, LogLevel } from 'typedoc';
import { ROOT } from '../root.mjs';

/** The name of each entry point in the reference, by its file. */
const ENTRIES = {
  'src/index.ts': 'main',
  'src/openapi/openApiSpec.ts': 'openapi',
  'src/store/redis/RedisRevocationStore.ts': 'redis',
  'src/testing/index.ts': 'testing',
};

/** What only spells out types. Readers see the types. */
const SPELT_OUT = [
  'src/claims.ts:TOKEN_TYPES',
  'src/config/algorithms.ts:ALGORITHMS',
  'src/config/Constructor.ts:AbstractConstructor',
  'src/config/JwtConfig.ts:Given',
  'src/config/lifetime.ts:Seconds',
  'src/config/OptionTable.ts:TOKEN_LOCATIONS',
  'src/decorator/guards.ts:FIXED_TYPE',
  'src/decorator/guards.ts:OPTIONAL',
  'src/decorator/guards.ts:REQUIRED',
  'src/decorator/loaders.ts:LoaderDecorator',
  'src/errors.ts:AnswerEvent',
  'src/errors.ts:ChallengeError',
  'src/errors.ts:Refuser',
  'src/errors.ts:VerifiedAnswerEvent',
  'src/loader/LoaderEvents.ts:JwtLoader',
];

/** Says nothing about the code: an option of two types that both have it is one option, with one comment. */
const HARMLESS = /has multiple declarations with a comment/;

export async function writeApi(folder) {
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: Object.keys(ENTRIES).map((file) => path.join(ROOT, file)),
    tsconfig: path.join(ROOT, 'tsconfig.build.json'),
    out: folder,
    readme: 'none',
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    disableSources: true,
    disableGit: true,
    hideGenerator: true,
    validation: { notExported: true, invalidLink: true, rewrittenLink: true, notDocumented: true },
    requiredToBeDocumented: ['Class', 'Function', 'Interface', 'Variable'],
    // The commands of a Redis client, which its own documentation describes.
    intentionallyNotDocumented: [
      'IoredisCommands.eval',
      'IoredisCommands.mget',
      'RedisCommands.eval',
      'RedisCommands.mGet',
    ].map((command) => `redis.${command}`),
    // The compiler has checked them.
    skipErrorChecking: true,
    intentionallyNotExported: SPELT_OUT,
    entryFileName: 'index',
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    typeAliasPropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    tableColumnSettings: { hideInherited: true, hideOverrides: true, hideModifiers: true },
    parametersFormat: 'table',

    interfacePropertiesFormat: 'table',
    indexFormat: 'table',
    formatWithPrettier: false,
    sanitizeComments: true,
    router: 'member',
    // The others are short, and easier to read together.
    membersWithOwnFile: ['Class'],
    pageTitleTemplates: {
      index: ({ projectName }) => projectName,
      module: ({ name }) => (name === 'main' ? 'What the package exports' : `What /${name} exports`),
      member: ({ name }) => name,
    },
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) module.name = nameOf(module.name);
  });
  const warnings = [];
  app.logger.log = (message, level) => {
    if (level >= LogLevel.Warn && !HARMLESS.test(message)) warnings.push(message);
  };
  const project = await app.convert();
  if (project !== undefined) {
    app.validate(project);
    await app.generateOutputs(project);
  }
  if (warnings.length > 0) throw new Error(`TypeDoc:\n${warnings.join('\n')}`);
}

/** TypeDoc calls a module after its file: testing, or store/redis/RedisRevocationStore. */
function nameOf(module) {
  const files = [`src/${module}.ts`, `src/${module}/index.ts`];
  const file = files.find((each) => each in ENTRIES);
  if (file === undefined) throw new Error(`No entry point is called ${module}`);
  return ENTRIES[file];
}
