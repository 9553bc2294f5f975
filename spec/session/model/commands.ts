import { expect } from 'chai';
import fc from 'fast-check';
import { hasExpired, RULES, type Kind, type ModelToken, type SessionModel } from './SessionModel';
import type { SessionSystem } from './SessionSystem';

/** The systems that are compared with the model and so with each other, and the clock of all of them. */
export interface Real {
  readonly systems: readonly SessionSystem[];
  advance(seconds: number): Promise<void>;
}

type Command = fc.AsyncCommand<SessionModel, Real>;

const IDENTITIES = ['alice', 'bob'] as const;
/** The latest tokens say the most, and each costs a look at every store. */
const LOOKED_AT = 10;

interface Step {
  readonly text: string;
  readonly needs?: (model: SessionModel) => boolean;
  /** Does the step in the model. What it returns every system must return too. */
  readonly inModel: (model: SessionModel, real: Real) => unknown;
  readonly inSystem: (system: SessionSystem, found: Found) => unknown;
  readonly kinds?: readonly Kind[];
  readonly nth?: number;
}

interface Found {
  readonly at: number;
  readonly token: ModelToken | undefined;
}

/** Does a step in the model and in each system, and compares what can be seen of them afterwards. */
class Compared implements Command {
  constructor(private readonly step: Step) {}

  check(model: Readonly<SessionModel>): boolean {
    const { kinds, needs = () => true } = this.step;
    return needs(model as SessionModel) && (kinds === undefined || this.#found(model).token !== undefined);
  }

  async run(model: SessionModel, real: Real): Promise<void> {
    const found = this.#found(model);
    const expected = await this.step.inModel(model, real);
    for (const system of real.systems) {
      const actual = await this.step.inSystem(system, found);
      expect(actual, `${system.name}: ${this.toString()}`).to.deep.equal(expected);
      await expectAlike(model, system);
    }
  }

  toString(): string {
    const { text, kinds, nth } = this.step;
    return kinds === undefined ? text : `${text}(${kinds.join('|')} #${String(nth)})`;
  }

  /** The nth token of the kinds that the step is about, counted from the last. */
  #found(model: Readonly<SessionModel>): Found {
    const { kinds = [], nth = 0 } = this.step;
    const fitting = model.tokens.filter(({ kind }) => kinds.includes(kind));
    const token = fitting.at(-1 - (nth % Math.max(fitting.length, 1)));
    return { token, at: token === undefined ? -1 : model.tokens.indexOf(token) };
  }
}

async function expectAlike(model: SessionModel, system: SessionSystem): Promise<void> {
  expect(system.tokens.length, `${system.name}: tokens`).to.equal(model.tokens.length);
  for (const identity of IDENTITIES) {
    const expected = model.sessionsOf(identity).map((session) => ({
      session: model.sessions.indexOf(session),
      started: session.started,
      refreshed: session.refreshed,
      until: session.until,
    }));
    const listed = await system.sessionsOf(identity);
    expect(listed, `${system.name}: sessions of ${identity}`).to.have.deep.members(expected);
  }
  for (const [i, token] of [...model.tokens.entries()].slice(-LOOKED_AT)) {
    const { iat, exp } = token;
    expect(system.timesOf(i), `${system.name}: times of token ${i}`).to.deep.equal({ iat, exp });
    // Whatever a store says to a token that has expired, no guard asks it.
    if (hasExpired(token)) continue;
    const title = `${system.name}: ${token.kind} token ${i} of ${token.identity}`;
    expect(await system.verdict(i), title).to.equal(model.verdict(token));
  }
}

const ALL: readonly Kind[] = ['access', 'refresh', 'purpose', 'foreign'];
const identity = fc.constantFrom(...IDENTITIES);
const nth = fc.nat({ max: 7 });
const { rotationGrace: grace, accessTokenExpires: short, refreshTokenExpires: long } = RULES;

/** A token is not there yet at the first step, so most steps come more often. */
export const COMMANDS: fc.Arbitrary<Command>[] = [
  ...twice(
    fc.tuple(identity, fc.boolean()).map(([name, isPair]) =>
      compared({
        text: `${isPair ? 'logIn' : 'createRefreshToken'}(${name})`,
        inModel: (model) => {
          model.logIn(name, isPair);
        },
        inSystem: (system) => system.logIn(name, isPair),
      }),
    ),
  ),
  fc.tuple(identity, fc.constantFrom('access', 'purpose', 'foreign')).map(([name, kind]) =>
    compared({
      text: `make(${kind}, ${name})`,
      inModel: (model) => {
        model.make(kind, name);
      },
      inSystem: (system) => system.make(kind, name),
    }),
  ),
  ...twice(
    onToken(
      'use',
      ALL,
      (model, token) => model.use(token),
      (system, { at, token }) => system.use(at, token?.kind ?? 'access'),
    ),
  ),
  ...twice(
    onToken(
      'rotate',
      ['refresh'],
      (model, token) => model.rotate(token),
      (system, { at }) => system.rotate(at),
    ),
  ),
  onToken(
    'spend',
    ['purpose'],
    (model, token) => model.spend(token),
    (system, { at }) => system.spend(at),
  ),
  onToken(
    'revoke',
    ALL,
    (model, token) => {
      model.revoke(token);
    },
    (system, { at }) => system.revoke(at),
    isGood,
  ),
  onToken(
    'revokeSession',
    ['access', 'refresh', 'foreign'],
    (model, token) => {
      model.revokeSession(token);
    },
    (system, { at }) => system.revokeSession(at),
    isGood,
  ),
  onToken(
    'logOut',
    ALL,
    (model, token) => {
      model.logOut(token);
    },
    (system, { at }) => system.logOut(at),
  ),
  identity.map((name) =>
    compared({
      text: `revokeAll(${name})`,
      inModel: (model) => {
        model.revokeAll(name);
      },
      inSystem: (system) => system.revokeAll(name),
    }),
  ),
  fc.tuple(identity, nth).map(([name, i]) =>
    compared({
      text: `endSession(${name}, #${i})`,
      needs: (model) => model.sessions.length > 0,
      inModel: (model) => {
        const session = model.sessions[i % model.sessions.length];
        // Nobody can end the session of another.
        if (session?.identity === name) session.hasEnded = true;
      },
      inSystem: (system) => system.endSession(name, i % system.sids.length),
    }),
  ),
  ...twice(
    fc.constantFrom(0.3, 1, grace - 1, grace - 0.25, grace, short - 1, short, long - 1, long).map((seconds) =>
      compared({
        text: `advance(${seconds})`,
        inModel: (_model, real) => real.advance(seconds),
        inSystem: () => undefined,
      }),
    ),
  ),
];

function onToken(
  text: string,
  kinds: readonly Kind[],
  inModel: (model: SessionModel, token: ModelToken) => unknown,
  inSystem: Step['inSystem'],
  isFit: (token: ModelToken) => boolean = () => true,
): fc.Arbitrary<Command> {
  return nth.map((n) => {
    const step: Step = {
      text,
      kinds,
      nth: n,
      inModel: (model) => {
        const token = nthOf(model, kinds, n);
        return token === undefined ? undefined : inModel(model, token);
      },
      inSystem,
      needs: (model) => {
        const token = nthOf(model, kinds, n);
        return token !== undefined && isFit(token);
      },
    };
    return compared(step);
  });
}

function nthOf(model: SessionModel, kinds: readonly Kind[], n: number): ModelToken | undefined {
  const fitting = model.tokens.filter(({ kind }) => kinds.includes(kind));
  return fitting.at(-1 - (n % Math.max(fitting.length, 1)));
}

function isGood(token: ModelToken): boolean {
  return !hasExpired(token);
}

function compared(step: Step): Command {
  return new Compared(step);
}

function twice<Value>(value: Value): Value[] {
  return [value, value];
}
