import type { Constructor } from '../config/OptionTable';
import { RequestSlot } from './RequestSlot';

/** The manager that has let a request in: there may be several, and their users are not the same people. */
export const admittedBy = new RequestSlot<object>('jwt manager');

/** The class of the manager that an open action names, for those who look at the token all the same. */
export const namedBy = new RequestSlot<Constructor>('jwt manager named');
