import { IsString, Matches, MaxLength } from 'class-validator';

/** What someone logs in with. */
export class Credentials {
  @Matches(/^[a-z][a-z0-9-]{1,29}$/, {
    message: 'username must be 2 to 30 small letters, digits and hyphens, and begin with a letter',
  })
  readonly username!: string;

  // Not hashed where it is longer: hashing takes time.
  @IsString()
  @MaxLength(200)
  readonly password!: string;
}
