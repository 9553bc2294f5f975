/** Collects process warnings, and keeps them off the console. */
export class Warnings {
  readonly told: string[] = [];
  readonly #emitWarning = process.emitWarning.bind(process);

  constructor() {
    process.emitWarning = (warning: string | Error) => {
      this.told.push(typeof warning === 'string' ? warning : warning.message);
    };
  }

  stop(): void {
    process.emitWarning = this.#emitWarning;
  }
}
