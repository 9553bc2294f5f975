import type { Measured, Process } from './Process';

/** A process that does not leak may still grow by so much: compiled code, buffers of connections. */
const HEAP_ALLOWANCE = 12_000_000;
const HANDLE_ALLOWANCE = 40;

/** With fewer measurements of one life of a process, nothing is said about it. */
const ENOUGH = 4;

/** Whether the heap and the handles of the processes stay flat. */
export class Growth {
  readonly #lives = new Map<string, Measured[]>();

  add(process: Process, measured: Measured): void {
    const life = `${process.name}, life ${process.lives}`;
    this.#lives.set(life, [...(this.#lives.get(life) ?? []), measured]);
  }

  /** Of each life of a process: how much its later half exceeds its earlier one, by medians. */
  get rows(): { life: string; measurements: number; heapBytes: number; handles: number }[] {
    return [...this.#lives].map(([life, all]) => {
      const half = all.length >> 1;
      const grown = (of: (measured: Measured) => number): number =>
        all.length < 2 ? 0 : median(all.slice(-half).map(of)) - median(all.slice(0, half).map(of));
      return {
        life,
        measurements: all.length,
        heapBytes: grown(({ heapBytes }) => heapBytes),
        handles: grown(({ handles }) => handles),
      };
    });
  }

  complaints(): string[] {
    return this.rows
      .filter(({ measurements }) => measurements >= ENOUGH)
      .filter(({ heapBytes, handles }) => heapBytes > HEAP_ALLOWANCE || handles > HANDLE_ALLOWANCE)
      .map(
        ({ life, heapBytes, handles }) =>
          `${life}: grew by ${megabytes(heapBytes)} MB and ${handles} handles`,
      );
  }
}

function median(numbers: number[]): number {
  return numbers.sort((one, other) => one - other)[numbers.length >> 1] ?? 0;
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
