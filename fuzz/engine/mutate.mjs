import { DICTIONARY } from './dictionary.mjs';

/** Longer inputs find little that shorter ones do not, and are slow. */
const MAX_LENGTH = 4096;

/** A text with one to eight changes. `others` are texts to take parts of, `words` are what a target knows. */
export function mutate(text, random, others, words) {
  let changed = text;
  for (let left = 1 << random.below(4); left > 0; left--) {
    changed = random.pick(MUTATORS)(changed, random, others, words);
  }
  return changed.length > MAX_LENGTH ? changed.slice(0, MAX_LENGTH) : changed;
}

const MUTATORS = [
  changeCharacter,
  changeCharacter,
  insertCharacter,
  insertWord,
  insertWord,
  replaceWithWord,
  replaceWithWord,
  removeRange,
  removeRange,
  repeatRange,
  swapRanges,
  changeNumber,
  changeCase,
  splice,
  repeatLine,
  removeLine,
  replaceJsonValue,
  replaceJsonValue,
  repeatJsonMember,
];

function changeCharacter(text, random) {
  return replaced(text, random.below(text.length + 1), 1, character(random));
}

function insertCharacter(text, random) {
  return replaced(text, random.below(text.length + 1), 0, character(random));
}

function character(random) {
  const kind = random.below(10);
  if (kind < 7) return String.fromCharCode(0x20 + random.below(0x5f));
  return String.fromCharCode(kind === 9 ? random.below(0x1_0000) : random.below(0x100));
}

function insertWord(text, random, _others, words) {
  return replaced(text, random.below(text.length + 1), 0, word(random, words));
}

/** Replaces a word of the text, or any range. */
function replaceWithWord(text, random, _others, words) {
  const found = [...text.matchAll(/\{[^{}\s]*\}|[\w-]+/g)];
  if (found.length > 0 && random.below(4) > 0) {
    const { 0: old, index } = random.pick(found);
    return replaced(text, index, old.length, word(random, words));
  }
  const [from, length] = range(text, random);
  return replaced(text, from, length, word(random, words));
}

function word(random, words) {
  return random.pick(words.length > 0 && random.below(2) === 0 ? words : DICTIONARY);
}

function removeRange(text, random) {
  const [from, length] = range(text, random);
  return replaced(text, from, length, '');
}

function repeatRange(text, random) {
  const [from, length] = range(text, random);
  return replaced(text, from, 0, text.slice(from, from + length).repeat(1 + random.below(4)));
}

function swapRanges(text, random) {
  const [from, length] = range(text, random);
  const part = text.slice(from, from + length);
  const rest = replaced(text, from, length, '');
  return replaced(rest, random.below(rest.length + 1), 0, part);
}

const NUMBERS = ['0', '-0', '1', '-1', '0.5', '1e400', '1e-400', '32', '33', '255', '256', '257'];
NUMBERS.push('4294967296', '9007199254740993', '253402300799', '253402300800', '16384', '-1e21');

function changeNumber(text, random) {
  const found = [...text.matchAll(/-?\d+/g)];
  if (found.length === 0) return text;
  const { 0: old, index } = random.pick(found);
  const next = random.below(2) === 0 ? random.pick(NUMBERS) : String(Number(old) + random.below(7) - 3);
  return replaced(text, index, old.length, next);
}

function changeCase(text, random) {
  const at = random.below(text.length + 1);
  const old = text.charAt(at);
  return replaced(text, at, 1, old === old.toLowerCase() ? old.toUpperCase() : old.toLowerCase());
}

/** The beginning of one text, and the end of another. */
function splice(text, random, others) {
  const other = random.pick(others);
  return text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length + 1));
}

function repeatLine(text, random, others) {
  const lines = text.split('\n');
  const from = random.below(2) === 0 ? lines : random.pick(others).split('\n');
  lines.splice(random.below(lines.length + 1), 0, random.pick(from));
  return lines.join('\n');
}

function removeLine(text, random) {
  const lines = text.split('\n');
  lines.splice(random.below(lines.length), 1);
  return lines.join('\n');
}

const VALUES = ['null', 'true', 'false', '[]', '{}', '""', '"a"', '["a"]', '{"a":1}', '[[]]', '0', '1', '-1'];
VALUES.push('1e400', '"__proto__"', '"\\ud800"', '{"__proto__":{}}', '{"toJSON":1}', '[null]', '{"then":1}');

/** Replaces what follows a colon: a number, a literal, a string, or the beginning of a list or an object. */
function replaceJsonValue(text, random) {
  const found = [...text.matchAll(/:\s*("(?:[^"\\\n]|\\.)*"|[\w.+-]+|\[[^\]\n]*\]|\{[^{}\n]*\})/g)];
  if (found.length === 0) return text;
  const { 0: old, index } = random.pick(found);
  return replaced(text, index, old.length, `:${random.pick(VALUES)}`);
}

/** A member again, or one of another text. */
function repeatJsonMember(text, random, others) {
  const from = random.below(2) === 0 ? text : random.pick(others);
  const members = [...from.matchAll(/"[^"\n]*":(?:"(?:[^"\\\n]|\\.)*"|[\w.+-]+|\[[^\]\n]*\]|\{[^{}\n]*\})/g)];
  const places = [...text.matchAll(/[{,]/g)];
  if (members.length === 0 || places.length === 0) return text;
  return replaced(text, random.pick(places).index + 1, 0, `${random.pick(members)[0]},`);
}

function replaced(text, from, length, by) {
  return text.slice(0, from) + by + text.slice(from + length);
}

/** Mostly short ones. */
function range(text, random) {
  const from = random.below(text.length + 1);
  const longest = random.below(4) === 0 ? text.length - from : Math.min(text.length - from, 8);
  return [from, 1 + random.below(Math.max(longest, 1))];
}
