import { bareKey } from '../scenarios/index.mjs';
import { Child } from './Child.mjs';

/** The servers of some scenarios and of their bare versions, one process each, all at the same time. */
export class Stage {
  /** Scenarios that the library does not support, with its reason. */
  skipped = [];
  scenarios = [];
  #servers = new Map();

  static async of(scenarios, surroundings) {
    const stage = new Stage();
    const compared = [...new Set(scenarios.map(bareKey))];
    await Promise.all(compared.map((key) => stage.#open(key, surroundings)));
    await Promise.all(
      scenarios.map(async (scenario) => {
        const reason = await stage.#open(scenario.key, surroundings);
        if (reason !== undefined) stage.skipped.push({ title: scenario.title, reason });
      }),
    );
    stage.scenarios = scenarios.filter(({ key }) => stage.#servers.has(key));
    return stage;
  }

  /** The servers of a scenario and of its framework without protection. */
  sides(scenario) {
    return {
      guarded: { ...this.#servers.get(scenario.key), status: scenario.status },
      bare: { ...this.#servers.get(bareKey(scenario)), status: 200 },
    };
  }

  async close() {
    await Promise.all([...this.#servers.values()].map(({ child }) => child.end()));
  }

  /** Returns why there is no server, if that is not a fault of the benchmark. */
  async #open(key, surroundings) {
    const child = new Child('server.child.mjs');
    try {
      this.#servers.set(key, { child, port: await child.ask('serve', key, surroundings) });
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
