import { expect } from 'chai';
import { InvalidTokenError } from '../src/index';

describe('JwtError', () => {
  const { stackTraceLimit } = Error;
  const before: unknown = Reflect.get(Error, 'prepareStackTrace');
  afterEach(() => {
    Error.stackTraceLimit = stackTraceLimit;
    Reflect.set(Error, 'prepareStackTrace', before);
  });

  it('renders no stack, and leaves the global limit as it was', () => {
    Error.stackTraceLimit = 7;
    const error = new InvalidTokenError('Not a token');
    expect(error.stack).to.equal('InvalidTokenError: Not a token');
    expect(Error.stackTraceLimit).to.equal(7);
  });

  it('restores the global limit even when the constructor of HttpError throws', () => {
    Error.stackTraceLimit = 7;
    Error.prepareStackTrace = () => {
      throw new RangeError('a broken tool for stacks');
    };
    expect(() => new InvalidTokenError('Not a token')).to.throw(RangeError);
    expect(Error.stackTraceLimit).to.equal(7);
  });
});
