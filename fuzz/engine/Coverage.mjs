/** More counters than the library has. */
const CAPACITY = 65_536;

/** The counters of all files side by side, so that they are read and set to zero quickly. */
export class Coverage {
  #counters = new Uint32Array(CAPACITY);
  #used = 0;
  #isBranch = [];
  #files = [];
  /** The counters that ran since the library was loaded. */
  #hit = new Uint8Array(CAPACITY);

  /** Puts the counters of a file here. Returns what istanbul's code increments. */
  added(file, { s, b, f }) {
    const start = this.#used;
    const part = (length, isBranch) => {
      const from = this.#used;
      this.#used += length;
      if (this.#used > CAPACITY) throw new Error('The library has more counters than fit');
      for (let i = 0; i < length; i++) this.#isBranch.push(isBranch);
      return this.#counters.subarray(from, this.#used);
    };
    const counts = {
      s: part(Object.keys(s).length, false),
      f: part(Object.keys(f).length, false),
      b: Object.fromEntries(Object.entries(b).map(([id, ways]) => [id, part(ways.length, true)])),
    };
    this.#files.push({ file, start, end: this.#used });
    return counts;
  }

  /** All files are loaded: what ran until now is not counted. */
  sealed() {
    this.#counters = this.#counters.subarray(0, this.#used);
    this.reset();
    return this;
  }

  reset() {
    this.#counters.fill(0);
  }

  /**
   * What ran since the last reset, as numbers: one for each counter and how often it ran, in classes of 1, 2, 3, 4 to 7,
   * 8 to 15, 16 to 31, 32 to 127, and more, as in AFL.
   */
  features() {
    const features = [];
    for (let i = 0; i < this.#used; i++) {
      const count = this.#counters[i];
      if (count === 0) continue;
      this.#hit[i] = 1;
      features.push(i * 8 + classOf(count));
    }
    return features;
  }

  /** Counts what runs from now on as reached. */
  forget() {
    this.#hit.fill(0);
  }

  /** Of all counters, and of branches alone: how many ran, and how many there are. `names` limits it to some files. */
  reached(names) {
    const reached = { points: 0, ofPoints: 0, branches: 0, ofBranches: 0 };
    for (const { file, start, end } of this.#files) {
      if (names?.includes(file) === false) continue;
      for (let i = start; i < end; i++) {
        reached.ofPoints++;
        reached.points += this.#hit[i];
        if (!this.#isBranch[i]) continue;
        reached.ofBranches++;
        reached.branches += this.#hit[i];
      }
    }
    return reached;
  }
}

function classOf(count) {
  if (count <= 3) return count - 1;
  if (count <= 7) return 3;
  if (count <= 15) return 4;
  if (count <= 31) return 5;
  return count <= 127 ? 6 : 7;
}
