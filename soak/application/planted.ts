import { Container } from 'typedi';
import { RedisRevocationStore } from '../../src/store/redis/RedisRevocationStore';
import { LoadUser } from './LoadUser';
import type { Plant } from './messages';
import { UserController, type Seen } from './UserController';

const leaked: unknown[] = [];

/** Breaks the application, so that a run can show that it notices. */
export function planted(plant: Plant): void {
  if (plant === 'forgets-revocations') {
    RedisRevocationStore.prototype.check = () => 'valid';
  } else if (plant === 'mixes-identities') {
    const { any } = UserController.prototype;
    let previous: Seen | undefined;
    UserController.prototype.any = function (ctx, user): Seen {
      const seen = any.call(this, ctx, user);
      const answer = previous ?? seen;
      previous = seen;
      return answer;
    };
  } else if (plant === 'rejects-unhandled') {
    setInterval(() => void Promise.reject(new Error('Nobody listens')), 500);
  } else {
    const loader = Container.get(LoadUser);
    const load = loader.load.bind(loader);
    loader.load = (event) => {
      leaked.push(new Array(20_000).fill(event.identity));
      return load(event);
    };
  }
}
