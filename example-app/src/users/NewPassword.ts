import { Length } from 'class-validator';

export class NewPassword {
  @Length(12, 200)
  readonly password!: string;
}
