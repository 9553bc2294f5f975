import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity()
export class User {
  /** Identifies the user in tokens: another person may take over a name, but not an id. */
  @PrimaryColumn('varchar')
  readonly id!: string;

  @Column('varchar', { unique: true })
  readonly name!: string;

  @Column('varchar')
  readonly passwordHash!: string;

  @Column('simple-json')
  readonly roles!: readonly string[];
}
