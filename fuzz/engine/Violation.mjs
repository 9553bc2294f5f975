/** A rule of a target that an input broke. Its kind stays the same while the input is made smaller. */
export class Violation extends Error {
  name = 'Violation';

  constructor(kind, message = kind) {
    super(message);
    this.kind = kind;
  }
}

/** Throws unless a rule holds. `about` is asked only then. */
export function hold(isHeld, kind, about = () => '') {
  if (!isHeld) throw new Violation(kind, `${kind}: ${about()}`);
}
