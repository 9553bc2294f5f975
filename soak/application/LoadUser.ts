import { setTimeout as sleep } from 'node:timers/promises';
import { UserLoader, type VerifiedEvent } from '../../src/index';
import { Service } from 'typedi';
import type { LoaderMood } from './messages';

/** Longer than a client of the run waits. */
const HANGS_FOR = 6000;

@Service()
@UserLoader()
export class LoadUser {
  mood: LoaderMood = 'well';

  async load({ identity }: VerifiedEvent): Promise<{ name: unknown }> {
    if (this.mood === 'throwing') throw new Error('The database is down');
    if (this.mood === 'slow') await sleep(100);
    if (this.mood === 'hanging') await sleep(HANGS_FOR);
    return { name: identity };
  }
}
