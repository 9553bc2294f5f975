export interface User {
  readonly name: string;
  readonly roles: readonly string[];
  readonly passwordHash: string;
}
