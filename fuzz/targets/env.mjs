import { SECRET } from '../engine/application.mjs';
import { ED } from '../engine/keys.mjs';
import { filled } from '../engine/placeholders.mjs';
import { hold } from '../engine/Violation.mjs';

const { privateKey, publicKey } = ED;
const PARTS = {
  secret: SECRET,
  pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString().trim().replaceAll('\n', '\\n'),
  public: publicKey.export({ format: 'pem', type: 'spki' }).toString().trim().replaceAll('\n', '\\n'),
};
const MATERIAL = [SECRET.slice(0, 24), PARTS.pem.slice(40, 70)];

/** Environment variables: a line for each, with `=`. */
export async function env(library) {
  const { JwtConfig, JwtConfigurationError, JwtManager } = library;
  const variables = Object.keys(new JwtConfig({ secretKey: SECRET })).map(
    (name) => `JWT_${name.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`,
  );
  return {
    files: [
      'config/JwtConfig.js',
      'config/optionKinds.js',
      'config/optionProblems.js',
      'config/closeNames.js',
    ],
    words: [
      ...variables,
      ...[
        'JWT_SECRET_KEY={secret}',
        'JWT_ALGORITHM=EdDSA',
        'JWT_PRIVATE_KEY={pem}',
        'JWT_PUBLIC_KEY={public}',
      ],
      ...[
        'JWT_SECRET',
        'JWT_KEYS=',
        'JWT_LOADERS=a',
        'JWT_ISSUERS',
        'JWT_COOKIE_SAMESITE=None',
        '{secret}',
        '{pem}',
      ],
      ...[
        'JWT_TOKEN_LOCATION=headers, cookies',
        'JWT_DECODE_AUDIENCE=false',
        'JWT_',
        '=',
        '\n',
        '15m',
        'false',
      ],
      ...['JWT_ENCODE_ISSUER=us', 'JWT_DECODE_ISSUER=us,them', 'JWT_CSRF_METHODS=POST,PUT', 'true', '1', '0'],
    ],
    seeds: [
      'JWT_SECRET_KEY={secret}\nHOME=/root',
      'JWT_SECRET_KEY={secret}\nJWT_ACCESS_TOKEN_EXPIRES=15m\nJWT_REFRESH_TOKEN_EXPIRES=false\nJWT_COOKIE_SECURE=true',
      'JWT_ALGORITHM=EdDSA\nJWT_PRIVATE_KEY={pem}\nJWT_PUBLIC_KEY={public}',
      'JWT_SECRET={secret}\nJWT_KEYS=a',
      'JWT_SECRET_KEY={secret}\nJWT_TOKEN_LOCATION=headers, cookies\nJWT_DECODE_ISSUER=us,them\nJWT_ENCODE_ISSUER=us',
      'JWT_SECRET_KEY={secret}\nJWT_DECODE_LEEWAY=10\nJWT_MAX_SESSIONS=3\nJWT_COOKIE_SAMESITE=Lax',
    ],
    async run(input) {
      const environment = {};
      for (const line of filled(input, PARTS).split('\n')) {
        const [, name, value] = /^([^=\0]+)=([^\0]*)$/.exec(line) ?? [];
        if (name !== undefined) environment[name] = value;
      }
      let manager;
      try {
        manager = new JwtManager({ loaders: [], tokenCacheEntries: 8, ...JwtConfig.fromEnv(environment) });
      } catch (error) {
        hold(error instanceof JwtConfigurationError, 'another error', () => error?.stack);
        hold(error.message.length > 15, 'a message that tells nothing', () => error.message);
        hold(
          MATERIAL.every((part) => !withoutNames(error.message, environment).includes(part)),
          'a key in a message',
          () => error.message,
        );
        return;
      }
      // What has the prefix is an option, and nothing else counts.
      const ours = Object.keys(environment).filter((name) => name.startsWith('JWT_'));
      for (const name of ours)
        hold(variables.includes(name) || KEYS.includes(name), 'unknown variable', () => name);
      if (manager.jwks().keys.length === 0 && environment.JWT_SECRET_KEY === undefined)
        hold(false, 'a manager without a key');
      if (environment.JWT_PUBLIC_KEY !== undefined && environment.JWT_PRIVATE_KEY === undefined) return;
      hold(typeof (await manager.createAccessToken('alice')) === 'string', 'no token');
    },
  };
}

/** Options that have no default. */
const KEYS = [
  'SECRET_KEY',
  'PRIVATE_KEY',
  'PUBLIC_KEY',
  'DECODE_AUDIENCE',
  'DECODE_ISSUER',
  'ENCODE_AUDIENCE',
]
  .concat(['ENCODE_ISSUER', 'DEFAULT_TOKEN_TYPE', 'COOKIE_DOMAIN', 'CSRF_METHODS', 'COOKIE_SAMESITE'])
  .map((name) => `JWT_${name}`);

/** A message without the names of variables, which it may repeat. */
function withoutNames(message, environment) {
  const names = Object.keys(environment).sort((one, other) => other.length - one.length);
  return names.reduce((rest, name) => rest.replaceAll(name, ''), message);
}
