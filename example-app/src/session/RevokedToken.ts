import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity()
export class RevokedToken {
  @PrimaryColumn('varchar')
  readonly jti!: string;

  /** When the token ends anyway, and need no longer be remembered. */
  @Column()
  readonly expiresAt!: Date;
}
