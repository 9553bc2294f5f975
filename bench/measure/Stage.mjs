import { bareKey, isOurs } from '../scenarios/index.mjs';
import { Child } from './Child.mjs';

/** The servers of some scenarios and of their bare versions, one process each, all at the same time. */
export class Stage {
  /** Scenarios that the library does not support, with its reason. */
  skipped = [];
  scenarios = [];
  #servers = new Map();

  /** `library` is the build that is measured; `against` a second one to compare with. */
  static async of(scenarios, { against, ...surroundings }) {
    const stage = new Stage();
    const compared = [...new Set(scenarios.map(bareKey))];
    await Promise.all(compared.map((key) => stage.#open(key, surroundings)));
    await Promise.all(
      scenarios.map(async (scenario) => {
        const { key, title } = scenario;
        const reason = await stage.#open(key, surroundings);
        if (reason !== undefined) stage.skipped.push({ title, reason });
        else if (against !== undefined && isOurs(scenario)) {
          const missing = await stage.#open(key, { ...surroundings, library: against }, againstKey(scenario));
          if (missing !== undefined) stage.skipped.push({ title: `${title}, other build`, reason: missing });
        }
      }),
    );
    stage.scenarios = scenarios.filter(({ key }) => stage.#servers.has(key));
    return stage;
  }

  /** The server of its framework without protection, that of a scenario, and `against`: with the other build, if any. */
  sides(scenario) {
    const { key, status } = scenario;
    const against = this.#servers.get(againstKey(scenario));
    return {
      bare: { ...this.#servers.get(bareKey(scenario)), status: 200 },
      guarded: { ...this.#servers.get(key), status },
      ...(against !== undefined && { against: { ...against, status } }),
    };
  }

  async close() {
    await Promise.all([...this.#servers.values()].map(({ child }) => child.end()));
  }

  /** Returns why there is no server, if that is not a fault of the benchmark. */
  async #open(key, surroundings, name = key) {
    const child = new Child('server.child.mjs');
    try {
      this.#servers.set(name, { child, port: await child.ask('serve', key, surroundings) });
      return undefined;
    } catch (error) {
      await child.end();
      if (error.name === 'JwtConfigurationError' || error.name === 'NotInstalled') return firstLine(error);
      throw error;
    }
  }
}

function againstKey({ key }) {
  return `against/${key}`;
}

function firstLine({ message }) {
  return message.split('\n')[0];
}
