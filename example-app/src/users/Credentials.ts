import { IsString, Matches, MaxLength } from 'class-validator';

/** What a user logs in with. */
export class Credentials {
  @Matches(/^[a-z][a-z0-9-]{1,29}$/, {
    message: 'username must be 2 to 30 lowercase letters, digits or hyphens, and start with a letter',
  })
  readonly username!: string;

  // Limited, because hashing a long one takes time.
  @IsString()
  @MaxLength(200)
  readonly password!: string;
}
