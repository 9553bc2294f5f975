/** What the process was warned of while this listened, which stays off the console meanwhile. */
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
