import { shared } from '../registry/registry';
import { jwtEvents, type RefusedMessage } from './jwtEvents';

/** Prints a line to standard error for each refused request, if a list as in the variable DEBUG names `jwt`. */
export function explainRefusals(list: string | undefined): void {
  if (list === undefined || !namesJwt(list) || explaining.isOn) return;
  explaining.isOn = true;
  jwtEvents.refused.subscribe(explain);
}

/** Copies of this package have their channels in common. */
const explaining = shared('explaining', () => ({ isOn: false }));

/** Reads a list as the package debug does: `jwt`, `jwt:*`, `koa*,jwt*`, `*,-jwt`. */
export function namesJwt(list: string): boolean {
  const patterns = list.split(/[\s,]+/);
  const isNamed = (pattern: string): boolean => NAMES.some((name) => isLike(name, pattern));
  const isLeftOut = patterns.some((pattern) => pattern.startsWith('-') && isNamed(pattern.slice(1)));
  return !isLeftOut && patterns.some(isNamed);
}

const NAMES = ['jwt', jwtEvents.refused.name];

/** `*` is any text. */
function isLike(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first)) return false;
  let position = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return name.length - last.length >= position && name.endsWith(last);
}

function explain({ method, path, action, location, code, status, reason }: RefusedMessage): void {
  const where = [action, location].filter((each) => each !== undefined).join(', ');
  const line = [
    new Date().toISOString(),
    'jwt',
    method,
    path,
    status,
    code,
    reason,
    where === '' ? undefined : `(${where})`,
  ];
  process.stderr.write(`${line.filter((each) => each !== undefined).join(' ')}\n`);
}
