import { MinLength } from 'class-validator';
import { Credentials } from './Credentials';

export class NewAccount extends Credentials {
  @MinLength(12)
  declare readonly password: string;
}
