import type { JwtClaims } from 'routing-controllers-jwt-extended';
import { Service } from 'typedi';
import { DataSource, LessThan, type Repository } from 'typeorm';
import { RevokedToken } from './RevokedToken';

/** The most that `JWT_DECODE_LEEWAY` can be: so long may a token live on after its end. */
const LONGEST_LEEWAY_MS = 600_000;
const NEVER = new Date('9999-12-31');

/** The tokens that were ended before their time. */
@Service()
export class RevokedTokens {
  readonly #tokens: Repository<RevokedToken>;

  constructor(database: DataSource) {
    this.#tokens = database.getRepository(RevokedToken);
  }

  has(jti: string): Promise<boolean> {
    return this.#tokens.existsBy({ jti });
  }

  async add({ jti, exp }: JwtClaims): Promise<void> {
    await this.#tokens.delete({ expiresAt: LessThan(new Date(Date.now() - LONGEST_LEEWAY_MS)) });
    const token = { jti: String(jti), expiresAt: exp === undefined ? NEVER : new Date(exp * 1000) };
    await this.#tokens.createQueryBuilder().insert().values(token).orIgnore().execute();
  }
}
