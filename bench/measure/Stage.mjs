import { bareKey, isOurs, scenarioOf } from '../scenarios/index.mjs';
import { Child } from './Child.mjs';

/**
 * The servers that one scenario is measured with, one process each: `bare`, its framework without protection;
 * `guarded`, the scenario; `floor`, the least by hand; `than`, another scenario that it is compared with; `against`,
 * the scenario with another build. None is shared with another scenario: a bare server that many scenarios use is
 * compiled better, and is idle for less long, than what it is compared with.
 */
export class Stage {
  /** Scenarios that the library does not support, with its reason. */
  skipped = [];
  scenario;
  #sides = {};

  #newChild;

  /** `library` is the build that is measured; `against` a second one to compare with. */
  static async of(scenario, { against, ...surroundings }, newChild = () => new Child('server.child.mjs')) {
    const stage = new Stage();
    stage.scenario = scenario;
    stage.#newChild = newChild;
    try {
      await stage.#openAll(scenario, surroundings, against);
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  /** Whether the scenario itself can be measured. */
  get isReady() {
    return this.#sides.guarded !== undefined;
  }

  /** The child, the port and the expected status of each side. */
  get sides() {
    return this.#sides;
  }

  async close() {
    await Promise.all(Object.values(this.#sides).map(({ child }) => child.end()));
  }

  async #openAll(scenario, surroundings, against) {
    const { key, title, status, floor, than } = scenario;
    const others = Object.entries({ floor, than }).filter(([, other]) => other !== undefined);
    const isCompared = against !== undefined && isOurs(scenario);
    const [missing, missingThere] = await Promise.all([
      this.#open('guarded', key, status, surroundings),
      isCompared && this.#open('against', key, status, { ...surroundings, library: against }),
      this.#open('bare', bareKey(scenario), 200, surroundings),
      ...others.map(([side, other]) => this.#open(side, other, scenarioOf(other).status, surroundings)),
    ]);
    if (missing !== undefined) this.skipped.push({ title, reason: missing });
    else if (typeof missingThere === 'string') {
      this.skipped.push({ title: `${title}, other build`, reason: missingThere });
    }
  }

  /** Returns why there is no server, if that is not a fault of the benchmark. */
  async #open(side, key, status, surroundings) {
    const child = this.#newChild();
    try {
      this.#sides[side] = { child, status, port: await child.ask('serve', key, surroundings) };
      return undefined;
    } catch (error) {
      await child.end();
      if (error.name === 'JwtConfigurationError' || error.name === 'NotInstalled') return firstLine(error);
      throw error;
    }
  }
}

function firstLine({ message }) {
  return message.split('\n')[0];
}
