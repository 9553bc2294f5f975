import { expect } from 'chai';
import { IsString } from 'class-validator';
import {
  All,
  Authorized,
  Body,
  CurrentUser,
  Delete,
  Get,
  HttpCode,
  JsonController,
  Method,
  Param,
  Post,
  Put,
  type RoutingControllersOptions,
} from 'routing-controllers';
import { OpenAPI } from 'routing-controllers-openapi';
import { Container, Service } from 'typedi';
import {
  authorizationChecker,
  ClaimsVerificationFailedLoader,
  ClaimsVerificationLoader,
  currentUserChecker,
  ExpiredTokenLoader,
  FreshJwtRequired,
  InvalidTokenLoader,
  JwtConfigurationError,
  JwtExempt,
  JwtManager,
  JwtOptional,
  JwtRequired,
  MemoryRevocationStore,
  NeedsFreshTokenLoader,
  RefreshJwtRequired,
  RevokedTokenLoader,
  UnauthorizedLoader,
  UserLoader,
  UserLoaderErrorLoader,
  type JwtAnswer,
  type JwtOptions,
  type RefusedEvent,
  type RefusedTokenEvent,
  type VerifiedEvent,
} from '../../src/index';
import { openApiSpec, type OpenApiDocument } from '../../src/openapi/openApiSpec';
import type { Operation } from '../../src/openapi/OpenApi';
import { expiredToken } from '../support/expiredToken';
import { openApiProblems } from '../support/openApiProblems';
import { SECRET } from '../support/secret';
import { provide, serve } from '../support/Server';

class PartnerJwtManager extends JwtManager {}

class Note {
  @IsString()
  text!: string;
}

abstract class ReadController {
  @Get('/one/:id')
  @JwtRequired()
  @OpenAPI({ summary: 'Reads one' })
  one(@Param('id') id: string): object {
    return { id };
  }
  @Get('/free')
  free(): object {
    return {};
  }
}

@Service()
@JsonController('/notes')
class NoteController extends ReadController {
  @Get()
  @JwtOptional()
  list(): object {
    return [];
  }
  @Post()
  @HttpCode(201)
  @FreshJwtRequired()
  write(@Body() note: Note): object {
    return note;
  }
  @Put('/refresh')
  @RefreshJwtRequired()
  refresh(): object {
    return {};
  }
  @Delete()
  @JwtRequired({ verifyType: false, locations: ['headers', 'cookies'] })
  either(): object {
    return {};
  }
  @Get('/admin')
  @Authorized(['admin', 'root'])
  admin(): object {
    return {};
  }
  @Get('/me')
  me(@CurrentUser({ required: true }) user: object): object {
    return user;
  }
}

@Service()
@JsonController('/closed')
@JwtRequired()
class ClosedController {
  @Get()
  closed(): object {
    return {};
  }
  @Post('/login')
  @JwtExempt()
  logIn(): object {
    return {};
  }
}

@Service()
@JsonController('/partners')
@JwtRequired({ manager: PartnerJwtManager })
class PartnerController {
  @Get()
  list(): object {
    return {};
  }
}

@Service()
@JsonController('/odd')
@JwtRequired()
class OddController {
  @All('/all')
  all(): object {
    return {};
  }
  @Get('/first')
  @Get('/second')
  twice(): object {
    return {};
  }
  @Get('/files/*path')
  wild(): object {
    return {};
  }
  @Get('/maybe{/:id}')
  maybe(): object {
    return {};
  }
  @Method('propfind', '/propfind')
  propfind(): object {
    return {};
  }
  @Method('options', '/options')
  options(): object {
    return {};
  }
  @Get(/^\/pattern$/)
  pattern(): object {
    return {};
  }
}

@Service()
@ClaimsVerificationLoader()
class Claims {
  load({ payload }: VerifiedEvent): boolean {
    return payload['banned'] !== true;
  }
}

@Service()
@UserLoader()
class Users {
  load({ identity }: VerifiedEvent): object | undefined {
    return identity === 'nobody' ? undefined : { identity };
  }
}

@Service()
@UnauthorizedLoader()
class UnauthorizedAnswer {
  load({ error, reason }: RefusedEvent): JwtAnswer {
    return { body: { errors: [{ code: error.code, reason }] }, headers: { 'X-Reason': 'missing' } };
  }
}

@Service()
@InvalidTokenLoader()
class InvalidAnswer {
  load({ reason }: RefusedEvent): JwtAnswer {
    return { status: 400, body: `No: ${reason}` };
  }
}

@Service()
@ExpiredTokenLoader()
class ExpiredAnswer {
  load({ payload }: RefusedTokenEvent): JwtAnswer {
    const body = { title: 'Expired', at: payload.exp };
    return { body, headers: { 'Content-Type': 'application/problem+json' } };
  }
}

@Service()
@NeedsFreshTokenLoader()
class StaleAnswer {
  load(): JwtAnswer {
    return { status: 403, body: { stale: true } };
  }
}

@Service()
@RevokedTokenLoader()
class RevokedAnswer {
  load(): JwtAnswer {
    return { status: 440, body: null };
  }
}

@Service()
@UserLoaderErrorLoader()
class NoUserAnswer {
  load({ identity }: RefusedTokenEvent): JwtAnswer {
    return { status: 404, body: { who: identity } };
  }
}

@Service()
@ClaimsVerificationFailedLoader()
class ClaimsAnswer {
  load(): Promise<JwtAnswer> {
    return Promise.resolve({});
  }
}

const ANSWERS = [
  UnauthorizedAnswer,
  InvalidAnswer,
  ExpiredAnswer,
  StaleAnswer,
  RevokedAnswer,
  NoUserAnswer,
  ClaimsAnswer,
];

@Service()
@UnauthorizedLoader()
class FailingUnauthorizedAnswer {
  load(): JwtAnswer {
    throw new Error('No tenant');
  }
}

@Service()
@ExpiredTokenLoader()
class FailingExpiredAnswer {
  load({ context }: RefusedTokenEvent): JwtAnswer {
    return { body: (context.state['tenant'] as { name: string }).name };
  }
}

@Service()
@RevokedTokenLoader()
class UnsendableAnswer {
  load(): JwtAnswer {
    return { body: { count: 1n } };
  }
}

@Service()
@UserLoaderErrorLoader()
class EmptyAnswer {
  load(): JwtAnswer {
    return { body: { none: {}, list: [], nothing: null, at: new Date(0) } };
  }
}

const FAILING = [FailingUnauthorizedAnswer, FailingExpiredAnswer];

const HEALTH = {
  operationId: 'health',
  summary: 'Health',
  security: [],
  responses: { '200': { description: 'Well' } },
};

const CONTROLLERS: RoutingControllersOptions = {
  controllers: [NoteController, ClosedController],
  authorizationChecker,
  currentUserChecker,
};
const INFO = { info: { title: 'Notes', version: '1' } };
const NOTE = { components: { schemas: { Note: { type: 'object' as const } } } };

type Securities = Record<string, unknown>;

async function documentOf(
  options: JwtOptions,
  server: RoutingControllersOptions = CONTROLLERS,
  additional: Partial<OpenApiDocument> = {},
): Promise<OpenApiDocument> {
  provide(new JwtManager({ secretKey: SECRET, loaders: [], ...options }));
  const schemas = (server.controllers as unknown[]).includes(NoteController) ? NOTE : {};
  const document = await openApiSpec(server, { ...INFO, ...schemas, ...additional });
  expect(await openApiProblems(document)).to.deep.equal([]);
  return JSON.parse(JSON.stringify(document)) as OpenApiDocument;
}

function operationsOf({ paths }: OpenApiDocument): [string, Operation][] {
  return Object.entries(paths as Record<string, Record<string, Operation>>).flatMap(([path, item]) =>
    Object.entries(item).map(([verb, operation]): [string, Operation] => [
      `${verb.toUpperCase()} ${path}`,
      operation,
    ]),
  );
}

function securityIn(document: OpenApiDocument): Securities {
  return Object.fromEntries(
    operationsOf(document).map(([name, { security }]) => [
      name,
      security?.map((requirement) => Object.keys(requirement).join(' and ')),
    ]),
  );
}

function statusesIn(document: OpenApiDocument): Record<string, string> {
  return Object.fromEntries(
    operationsOf(document).map(([name, { responses }]) => [name, Object.keys(responses).join()]),
  );
}

interface Response {
  readonly description: string;
  readonly headers?: object;
  readonly content?: Record<string, { readonly examples: Record<string, { readonly value: unknown }> }>;
}

function responseIn(document: OpenApiDocument, operation: string, status: number): Response {
  const responses: Record<string, Response> =
    Object.fromEntries(operationsOf(document))[operation]?.responses ?? {};
  const found = responses[String(status)];
  if (found === undefined) throw new Error(`${operation} has no answer ${status}`);
  return found;
}

/** The example of an answer with the code of its error. Without content there is none. */
function exampleIn(document: OpenApiDocument, operation: string, status: number, code: string): unknown {
  const content = Object.values(responseIn(document, operation, status).content ?? {});
  if (content.length === 0) return '';
  const examples = Object.assign({}, ...content.map((each) => each.examples)) as Record<
    string,
    { value: unknown }
  >;
  expect(examples, `${operation} ${status}`).to.have.property(code);
  return examples[code]?.value;
}

describe('openApiSpec(options, additionalProperties)', () => {
  describe('has the security that guards enforce', () => {
    it('from bearer tokens', async () => {
      const document = await documentOf({});
      expect(securityIn(document)).to.deep.equal({
        'GET /notes': ['accessToken', ''],
        'POST /notes': ['accessToken'],
        'PUT /notes/refresh': ['refreshToken'],
        'DELETE /notes': ['accessToken', 'refreshToken', 'accessCookie and accessCsrf'],
        'GET /notes/admin': ['accessToken'],
        'GET /notes/me': ['accessToken'],
        'GET /notes/one/{id}': ['accessToken'],
        'GET /notes/free': [],
        'GET /closed': ['accessToken'],
        'POST /closed/login': [],
      });
      const { accessToken, refreshToken } = document.components?.securitySchemes ?? {};
      const bearer = { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' };
      expect(accessToken).to.deep.equal({ ...bearer, description: 'An access token' });
      expect(refreshToken).to.deep.equal({ ...bearer, description: 'A refresh token' });
    });

    it('from cookies, with CSRF values for the methods that need them', async () => {
      const document = await documentOf({
        tokenLocation: ['cookies'],
        accessCookieName: 'at',
        refreshCookieName: 'rt',
        refreshCsrfHeaderName: 'X-CSRF-REFRESH',
      });
      expect(securityIn(document)).to.include.deep.keys('GET /notes');
      expect(securityIn(document)).to.deep.include({
        'GET /notes': ['accessCookie', ''],
        'POST /notes': ['accessCookie and accessCsrf'],
        'PUT /notes/refresh': ['refreshCookie and refreshCsrf'],
        'GET /closed': ['accessCookie'],
        'POST /closed/login': [],
      });
      expect(document.components?.securitySchemes).to.deep.include({
        accessCookie: { type: 'apiKey', in: 'cookie', name: 'at', description: 'An access token' },
        refreshCookie: { type: 'apiKey', in: 'cookie', name: 'rt', description: 'A refresh token' },
        accessCsrf: {
          type: 'apiKey',
          in: 'header',
          name: 'X-CSRF-TOKEN',
          description: 'The CSRF value of the access token, which the cookie `csrf_access_token` holds',
        },
        refreshCsrf: {
          type: 'apiKey',
          in: 'header',
          name: 'X-CSRF-REFRESH',
          description: 'The CSRF value of the refresh token, which the cookie `csrf_refresh_token` holds',
        },
      });
    });

    it('from cookies without CSRF values, or for other methods', async () => {
      const off = await documentOf({ tokenLocation: ['cookies'], cookieCsrfProtect: false });
      expect(securityIn(off)).to.deep.include({ 'POST /notes': ['accessCookie'] });
      const others = await documentOf({ tokenLocation: ['cookies'], csrfMethods: ['put', 'GET'] });
      expect(securityIn(others)).to.deep.include({
        'GET /closed': ['accessCookie and accessCsrf'],
        'POST /notes': ['accessCookie'],
        'PUT /notes/refresh': ['refreshCookie and refreshCsrf'],
      });
    });

    it('from cookies, whose CSRF value a form may send', async () => {
      const document = await documentOf({
        tokenLocation: ['cookies'],
        csrfCheckForm: true,
        csrfInCookies: false,
      });
      expect(document.components?.securitySchemes?.['accessCsrf']).to.include({
        description:
          'The CSRF value of the access token. A form may send it in the field `csrf_token` instead',
      });
    });

    it('from several locations, as alternatives in their order', async () => {
      const document = await documentOf({ tokenLocation: ['cookies', 'query_string', 'headers'] });
      expect(securityIn(document)).to.deep.include({
        'GET /notes': ['accessCookie', 'accessQuery', 'accessToken', ''],
        'POST /notes': ['accessCookie and accessCsrf', 'accessQuery', 'accessToken'],
        'DELETE /notes': ['accessToken', 'refreshToken', 'accessCookie and accessCsrf'],
      });
    });

    it('from query parameters and other headers', async () => {
      const document = await documentOf({
        tokenLocation: ['query_string', 'headers'],
        queryStringName: 'token',
        queryStringValuePrefix: 'Bearer ',
        headerName: 'X-Token',
        headerType: 'JWT',
      });
      const { accessQuery, accessToken } = document.components?.securitySchemes ?? {};
      expect(accessQuery).to.deep.equal({
        type: 'apiKey',
        in: 'query',
        name: 'token',
        description: 'An access token, after `Bearer `',
      });
      expect(accessToken).to.deep.equal({
        type: 'apiKey',
        in: 'header',
        name: 'X-Token',
        description: 'An access token, after `JWT `',
      });
    });

    it('in words when the token is in a JSON body', async () => {
      const document = await documentOf({ tokenLocation: ['headers', 'json'], refreshJsonKey: 'rt' });
      const operations = Object.fromEntries(operationsOf(document));
      expect(securityIn(document)).to.deep.include({ 'PUT /notes/refresh': ['refreshToken'] });
      expect(operations['PUT /notes/refresh']?.description).to.include('the member `rt` of a JSON body');
      expect(operations['POST /closed/login']?.description).to.equal(undefined);
    });

    it('from the manager that a controller names', async () => {
      Container.set(
        PartnerJwtManager,
        new PartnerJwtManager({
          secretKey: SECRET,
          loaders: [],
          headerName: 'X-Partner',
          errorMessageKey: 'error',
        }),
      );
      const document = await documentOf({}, { controllers: [PartnerController, ClosedController] });
      expect(securityIn(document)).to.deep.include({ 'GET /partners': ['PartnerJwtManager.accessToken'] });
      expect(document.components?.securitySchemes?.['PartnerJwtManager.accessToken']).to.deep.include({
        name: 'X-Partner',
      });
      expect(exampleIn(document, 'GET /partners', 401, 'ERR_JWT_MISSING')).to.deep.equal({
        error: 'Missing X-Partner Header',
      });
    });

    it('unless the application says otherwise', async () => {
      @JsonController('/own')
      class OwnController {
        @Get()
        @JwtRequired()
        @OpenAPI({ security: [{ apiKey: [] }], responses: { '401': { description: 'My words' } } })
        own(): void {
          // Never called.
        }
      }
      const components = {
        securitySchemes: { apiKey: { type: 'apiKey' as const, in: 'header' as const, name: 'X-Key' } },
      };
      const document = await documentOf({}, { controllers: [OwnController] }, { components });
      expect(securityIn(document)).to.deep.equal({ 'GET /own': ['apiKey'] });
      const [[, operation] = []] = operationsOf(document);
      expect(operation?.responses['401']).to.deep.equal({ description: 'My words' });
      expect(operation?.responses).to.have.property('422');
    });
  });

  describe('has the answers that an action can give', () => {
    it('by status', async () => {
      expect(statusesIn(await documentOf({}))).to.deep.equal({
        'GET /notes': '200,401,422',
        'POST /notes': '201,401,422',
        'PUT /notes/refresh': '200,401,422',
        'DELETE /notes': '200,401,422',
        'GET /notes/admin': '200,401,403,422',
        'GET /notes/me': '200,401,422',
        'GET /notes/one/{id}': '200,401,422',
        'GET /notes/free': '200',
        'GET /closed': '200,401,422',
        'POST /closed/login': '200',
      });
      const guarded = async (options: JwtOptions): Promise<string | undefined> =>
        statusesIn(await documentOf(options))['GET /closed'];
      expect(await guarded({ loaders: [Claims] })).to.equal('200,400,401,422');
      const revocationStore = new MemoryRevocationStore();
      expect(await guarded({ revocationStore })).to.equal('200,401,422,503');
      expect(await guarded({ revocationStore, onStoreFailure: 'allow' })).to.equal('200,401,422');
      const issuers = [{ issuer: 'https://id.example.com', audience: 'https://api.example.com' }];
      const withIssuer = await documentOf({ issuers });
      expect(statusesIn(withIssuer)).to.include({
        'GET /closed': '200,401,422,503',
        'PUT /notes/refresh': '200,401,422',
      });
    });

    for (const [name, options] of Object.entries<JwtOptions>({
      'the default answers': { loaders: [Claims, Users], errorMessageKey: 'message' },
      'the answers of loaders': { loaders: [Claims, Users, ...ANSWERS] },
      'the default answers where loaders fail': { loaders: [Claims, Users, ...FAILING] },
    })) {
      it(`with ${name}, as requests get them`, async () => {
        const more = { ...options, tokenLocation: ['headers', 'cookies'] as const };
        const store = new MemoryRevocationStore();
        const manager = new JwtManager({ secretKey: SECRET, revocationStore: store, ...more });
        const server = await serve(manager, CONTROLLERS);
        try {
          const document = await documentOf({ ...more, revocationStore: store });
          const access = await manager.createAccessToken('alice', { additionalClaims: { roles: ['guest'] } });
          const revoked = await manager.createAccessToken('alice');
          await manager.revoke(revoked);
          const token = {
            invalid: `${access.slice(0, -5)}AAAAA`,
            expired: await expiredToken(manager, {}, 1_767_226_500),
            refresh: await manager.createRefreshToken('alice'),
            claims: await manager.createAccessToken('alice', { additionalClaims: { banned: true } }),
            nobody: await manager.createAccessToken('nobody'),
            access,
            revoked,
          };
          const requests: readonly (readonly [
            operation: string,
            token: keyof typeof token | undefined,
            code: string,
          ])[] = [
            ['GET /closed', undefined, 'ERR_JWT_MISSING'],
            ['GET /closed', 'invalid', 'ERR_JWT_INVALID'],
            ['GET /closed', 'expired', 'ERR_JWT_EXPIRED'],
            ['GET /closed', 'refresh', 'ERR_JWT_WRONG_TYPE'],
            ['PUT /notes/refresh', 'access', 'ERR_JWT_WRONG_TYPE'],
            ['POST /notes', 'access', 'ERR_JWT_NOT_FRESH'],
            ['GET /closed', 'revoked', 'ERR_JWT_REVOKED'],
            ['GET /closed', 'claims', 'ERR_JWT_CLAIMS'],
            ['GET /notes/admin', 'access', 'ERR_JWT_FORBIDDEN'],
            ['GET /notes/me', 'expired', 'ERR_JWT_EXPIRED'],
          ];
          for (const [operation, kind, code] of requests) {
            const [method, path = ''] = operation.split(' ');
            const headers = kind === undefined ? {} : { authorization: `Bearer ${token[kind]}` };
            const answer = await server.send(path, { method: String(method), headers });
            if (name.includes('fail') && answer.status === 500) continue;
            const shown = exampleIn(document, operation, answer.status, code);
            expect(shown, `${operation} ${code}`).to.deep.equal(answer.json ?? answer.text);
            const response = responseIn(document, operation, answer.status);
            const names = Object.keys(response.headers ?? {}).map((each) => each.toLowerCase());
            const told = ['www-authenticate', 'retry-after', 'x-reason'].filter(
              (each) => each in answer.headers,
            );
            expect(names, `${operation} ${code}`).to.include.members(told);
          }
          const cookie = { cookie: `access_token_cookie=${access}`, 'content-type': 'application/json' };
          const csrf = await server.send('/notes', { method: 'POST', headers: cookie, body: '{"text":""}' });
          if (!name.includes('fail')) {
            expect(exampleIn(document, 'POST /notes', csrf.status, 'ERR_JWT_CSRF')).to.deep.equal(csrf.json);
            const lost = await server.get('/closed', token.nobody);
            const shown = exampleIn(document, 'GET /closed', lost.status, 'ERR_JWT_NO_USER');
            // Of the user of the sample.
            expect(JSON.parse(JSON.stringify(shown).replace('alice', 'nobody'))).to.deep.equal(lost.json);
          }
        } finally {
          await server.close();
        }
      });
    }

    it('but not that of routing-controllers to a request without the user that @CurrentUser requires', async () => {
      const { content } = responseIn(await documentOf({}), 'GET /notes/me', 401);
      expect(Object.keys(content?.['application/json']?.examples ?? {})).to.deep.equal(['ERR_JWT_EXPIRED']);
    });

    it('with the default shape when a loader fails', async () => {
      const document = await documentOf({ loaders: FAILING, errorMessageKey: 'error' });
      expect(exampleIn(document, 'GET /closed', 401, 'ERR_JWT_EXPIRED')).to.deep.equal({
        error: 'Token has expired',
      });
      expect(exampleIn(document, 'GET /closed', 401, 'ERR_JWT_MISSING')).to.deep.equal({
        error: 'Missing Authorization Header',
      });
    });

    it('with bodies of any shape, as JSON has them', async () => {
      const revocationStore = new MemoryRevocationStore();
      const document = await documentOf({ loaders: [UnsendableAnswer, EmptyAnswer, Users], revocationStore });
      const { description, content } = responseIn(document, 'GET /closed', 401);
      expect(description).to.include('the token has been revoked');
      expect(Object.keys(content?.['application/json']?.examples ?? {})).to.not.include('ERR_JWT_REVOKED');
      expect(exampleIn(document, 'GET /closed', 401, 'ERR_JWT_NO_USER')).to.deep.equal({
        none: {},
        list: [],
        nothing: null,
        at: '1970-01-01T00:00:00.000Z',
      });
    });

    it('with the media type that the loader sets', async () => {
      const document = await documentOf({ loaders: ANSWERS, revocationStore: new MemoryRevocationStore() });
      const { content, description } = responseIn(document, 'GET /closed', 401);
      expect(Object.keys(content ?? {})).to.deep.equal(['application/json', 'application/problem+json']);
      expect(description).to.equal('Unauthorized: there is no token; or the token has expired');
      expect(responseIn(document, 'GET /closed', 440).content).to.equal(undefined);
    });
  });

  describe('is valid', () => {
    it('with abstract base controllers and inherited actions, from the whole storage too', async () => {
      const document = await documentOf({}, { controllers: [NoteController] });
      const { 'GET /notes/one/{id}': one } = Object.fromEntries(operationsOf(document));
      expect(one).to.deep.include({ operationId: 'NoteController.one', summary: 'Reads one' });
      expect(one?.parameters).to.have.length(1);
      expect(one?.parameters?.[0]).to.deep.include({ in: 'path', name: 'id', required: true });
    });

    it('with @All, several routes on one method, wildcards, and verbs and patterns that OpenAPI lacks', async () => {
      const document = await documentOf({}, { controllers: [OddController], routePrefix: 'v1' });
      expect(
        Object.fromEntries(operationsOf(document).map(([name, { operationId }]) => [name, operationId])),
      ).to.deep.equal({
        'GET /v1/odd/all': 'OddController.all',
        'PUT /v1/odd/all': 'OddController.all.2',
        'POST /v1/odd/all': 'OddController.all.3',
        'DELETE /v1/odd/all': 'OddController.all.4',
        'PATCH /v1/odd/all': 'OddController.all.5',
        'GET /v1/odd/second': 'OddController.twice',
        'GET /v1/odd/first': 'OddController.twice.2',
        'GET /v1/odd/files/{path}': 'OddController.wild',
        'GET /v1/odd/maybe/{id}': 'OddController.maybe',
        'OPTIONS /v1/odd/options': 'OddController.options',
      });
      expect(securityIn(document)).to.deep.include({ 'OPTIONS /v1/odd/options': [] });
    });

    it('with additional properties, merged in', async () => {
      const additional = {
        servers: [{ url: 'https://api.test' }],
        paths: { '/notes': { get: { description: 'All of them' } }, '/health': { get: HEALTH } },
      };
      const document = await documentOf({}, CONTROLLERS, additional);
      const operations = Object.fromEntries(operationsOf(document));
      expect(operations['GET /notes']).to.include({ description: 'All of them' });
      expect(operations['GET /notes']?.responses).to.have.property('401');
      expect(operations['GET /health']).to.deep.equal(HEALTH);
      expect(document).to.deep.include({ servers: additional.servers, ...INFO });
    });

    it('the same each time, and holds no secret', async () => {
      const options = { loaders: [Users, ...ANSWERS], revocationStore: new MemoryRevocationStore() };
      const [first, second] = [await documentOf(options), await documentOf(options)];
      expect(second).to.deep.equal(first);
      expect(JSON.stringify(first)).to.not.include(SECRET);
    });
  });

  it('throws where the server would refuse to start', async () => {
    class AuthorizedBase {
      @Get('/lost')
      @Authorized()
      lost(): void {
        // Never called.
      }
    }
    @JsonController('/lost')
    class LostController extends AuthorizedBase {}
    let thrown: unknown;
    await openApiSpec({ controllers: [LostController] }).catch((error: unknown) => (thrown = error));
    expect(thrown).to.be.instanceOf(JwtConfigurationError);
  });
});

@Service()
@JsonController('/reset')
class ResetController {
  @Get()
  @JwtRequired({ purpose: 'password-reset' })
  form(): object {
    return {};
  }
  @Post()
  @JwtRequired({ purpose: 'password-reset', singleUse: true, locations: ['query_string'] })
  save(): object {
    return {};
  }
}

describe('openApiSpec(options, additionalProperties) of actions that demand a purpose', () => {
  const options: JwtOptions = {
    tokenLocation: ['headers', 'cookies'],
    revocationStore: new MemoryRevocationStore(),
    onStoreFailure: 'allow',
  };

  it('has schemes of their own, and no cookies', async () => {
    const document = await documentOf(options, { controllers: [ResetController] });
    expect(securityIn(document)).to.deep.equal({
      'GET /reset': ['password-resetToken'],
      'POST /reset': ['password-resetQuery'],
    });
  });

  it('has the refusals of a purpose, and of a store that cannot use up a token', async () => {
    const document = await documentOf(options, { controllers: [ResetController] });
    const [form = '', save = ''] = operationsOf(document).map(([, each]) => JSON.stringify(each));
    for (const text of [form, save]) expect(text).to.include('a token for the purpose password-reset');
    expect(form).to.not.include('"503"');
    expect(save).to.include('"503"');
    expect(form + save).to.not.include('CSRF');
  });
});
