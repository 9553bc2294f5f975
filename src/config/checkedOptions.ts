import { bare } from '../claims';
import type { OptionKinds } from './option';
import { optionProblems } from './optionProblems';

/** The options of a call. Throws TypeError for unknown names, because a misspelt one would silently change nothing. */
export function checkedOptions<Options extends object>(
  options: Options | undefined,
  kinds: OptionKinds,
): Partial<Options> {
  if (options === undefined) return {};
  const [problem] = optionProblems(options, kinds);
  if (problem !== undefined) throw new TypeError(problem);
  return bare(options);
}
