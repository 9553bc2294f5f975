import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity()
export class User {
  /** What tokens are made for: a name may be given up and taken by another person, an id may not. */
  @PrimaryColumn('varchar')
  readonly id!: string;

  @Column('varchar', { unique: true })
  readonly name!: string;

  @Column('varchar')
  readonly passwordHash!: string;

  @Column('simple-json')
  readonly roles!: readonly string[];
}
