import { expect } from 'chai';
import { isOnLoopback, isTrustworthyUrl } from '../../src/config/isTrustworthyUrl';

describe('isTrustworthyUrl(url, allowsHttp)', () => {
  for (const [url, isTrusted, isTrustedWithHttp] of [
    ['https://id.example.com/keys', true, true],
    ['http://id.example.com/keys', false, true],
    ['http://localhost:3000', true, true],
    ['http://127.0.0.1/', true, true],
    ['http://127.10.200.30/', true, true],
    ['http://[::1]:80/', true, true],
    ['http://127.0.0.1.example.com/', false, true],
    ['http://a127.0.0.1/', false, false],
    ['http://mylocalhost/', false, true],
    ['http://localhost.example.com/', false, true],
    ['http://128.0.0.1/', false, true],
    ['https://user@id.example.com/', false, false],
    ['https://:password@id.example.com/', false, false],
    ['https://user:password@id.example.com/', false, false],
    ['ftp://localhost/', false, false],
    ['file:///etc/keys', false, false],
    ['id.example.com', false, false],
    ['', false, false],
    [undefined, false, false],
    [new URL('https://id.example.com'), false, false],
  ] as const) {
    it(`says of ${String(url)}: ${isTrusted}, and ${isTrustedWithHttp} where http: is allowed`, () => {
      expect(isTrustworthyUrl(url)).to.equal(isTrusted);
      expect(isTrustworthyUrl(url, true)).to.equal(isTrustedWithHttp);
    });
  }
});

describe('isOnLoopback(url)', () => {
  it('looks at the host alone', () => {
    expect(isOnLoopback('https://127.0.0.1:8443/a')).to.equal(true);
    expect(isOnLoopback('https://example.com/localhost')).to.equal(false);
  });
});
