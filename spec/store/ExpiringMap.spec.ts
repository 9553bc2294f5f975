import { expect } from 'chai';
import { ExpiringMap } from '../../src/store/ExpiringMap';
import { heapUsed } from '../support/heapUsed';

describe('ExpiringMap', () => {
  const realNow = Date.now;
  let now = 1_800_000_000;
  let map: ExpiringMap<string>;

  beforeEach(() => {
    now = 1_800_000_000;
    Date.now = () => now * 1000;
    map = new ExpiringMap();
  });
  afterEach(() => {
    Date.now = realNow;
  });

  it('has an entry until it expires, to the millisecond', () => {
    map.set('key', 'value', now + 90.5);
    now += 90.499;
    expect(map.get('key')).to.equal('value');
    now += 0.001;
    expect(map.get('key')).to.equal(undefined);
  });

  it('keeps an entry without an expiry', () => {
    map.set('key', 'value');
    now += 10 * 365 * 86_400;
    map.purge();
    expect(map.get('key')).to.equal('value');
    expect(map.size).to.equal(1);
  });

  it('ignores an expired entry', () => {
    map.set('key', 'value', now);
    expect(map.get('key')).to.equal(undefined);
    expect(map.size).to.equal(0);
  });

  it('evicts expired entries within two minutes, when an entry is set', () => {
    for (let i = 0; i < 1000; i++) map.set(`short ${i}`, 'value', now + 1 + (i % 60));
    for (let i = 0; i < 10; i++) map.set(`long ${i}`, 'value', now + 3600);
    expect(map.size).to.equal(1010);
    now += 120;
    map.set('another', 'value', now + 3600);
    expect(map.size).to.equal(11);
    expect(map.get('long 0')).to.equal('value');
  });

  it('evicts nothing early when an entry is set again to expire later', () => {
    map.set('key', 'old', now + 10);
    map.set('key', 'new', now + 300);
    now += 130;
    map.purge();
    expect(map.get('key')).to.equal('new');
    now += 300;
    map.purge();
    expect(map.size).to.equal(0);
  });

  it('evicts in time when an entry is set again to expire sooner', () => {
    map.set('key', 'old', now + 3600);
    map.set('key', 'new', now + 10);
    now += 130;
    map.purge();
    expect(map.size).to.equal(0);
    now += 3600;
    map.set('key', 'newer', now + 10);
    map.purge();
    expect(map.get('key')).to.equal('newer');
  });

  it('keeps an entry that is set again without an expiry', () => {
    map.set('key', 'old', now + 10);
    map.set('key', 'new');
    now += 3600;
    map.purge();
    expect(map.get('key')).to.equal('new');
  });

  it('deletes an entry, which may be set again', () => {
    map.set('key', 'value', now + 10);
    map.delete('key');
    expect(map.get('key')).to.equal(undefined);
    map.set('key', 'again', now + 500);
    now += 120;
    map.purge();
    expect(map.get('key')).to.equal('again');
  });

  it('frees what is deleted long before it would expire', () => {
    const large = new ExpiringMap<number[]>();
    const fill = (): void => {
      for (let i = 0; i < 2000; i++)
        large.set(String(i), Array.from<number>({ length: 1000 }).fill(i), now + 3600);
    };
    const before = heapUsed();
    fill();
    expect(heapUsed() - before).to.be.greaterThan(10_000_000);
    for (let i = 0; i < 2000; i++) large.delete(String(i));
    expect(heapUsed() - before).to.be.below(2_000_000);
    expect(large.size).to.equal(0);
  });

  it('tells of each entry that expires, and of no other', () => {
    const told: string[] = [];
    const telling = new ExpiringMap<string>((key, value) => told.push(`${key}=${value}`));
    telling.set('expired', 'one', now + 10);
    telling.set('deleted', 'two', now + 10);
    telling.set('prolonged', 'three', now + 10);
    telling.set('replaced', 'four', now + 10);
    telling.delete('deleted');
    telling.set('prolonged', 'three', now + 3600);
    telling.set('replaced', 'five', now + 10);
    now += 60;
    telling.purge();
    telling.purge();
    expect(told.sort()).to.deep.equal(['expired=one', 'replaced=five']);
    expect(telling.size).to.equal(1);
  });

  it('accepts any string as a key', () => {
    for (const key of ['__proto__', 'constructor', '']) {
      expect(map.get(key)).to.equal(undefined);
      map.set(key, key, now + 10);
      expect(map.get(key)).to.equal(key);
    }
  });

  it('evicts all expired entries after years without a call', () => {
    for (let i = 0; i < 100; i++) map.set(String(i), 'value', now + i * 86_400 + 1);
    now += 2 * 365 * 86_400;
    map.purge();
    expect(map.size).to.equal(0);
  });

  it('evicts what was set after the clock went back', () => {
    now += 7200;
    map.purge();
    now -= 7200;
    map.set('key', 'value', now + 60);
    expect(map.get('key')).to.equal('value');
    now += 180;
    map.purge();
    expect(map.size).to.equal(0);
  });

  it('does not scan live entries when it evicts others', () => {
    for (let i = 0; i < 100_000; i++) map.set(`long ${i}`, 'value', now + 30 * 86_400);
    map.purge();
    const start = performance.now();
    for (let i = 0; i < 1000; i++) {
      map.set(`short ${i}`, 'value', now + 60);
      now += 120;
    }
    // A thousand scans of 100,000 entries would take seconds.
    expect(performance.now() - start).to.be.below(500);
    expect(map.size).to.equal(100_001);
  });
});
