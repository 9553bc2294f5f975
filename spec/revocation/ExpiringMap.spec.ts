import { expect } from 'chai';
import { ExpiringMap } from '../../src/store/ExpiringMap';

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

  it('has an entry until its time has come, to the millisecond', () => {
    map.set('key', 'value', now + 90.5);
    now += 90.499;
    expect(map.get('key')).to.equal('value');
    now += 0.001;
    expect(map.get('key')).to.equal(undefined);
  });

  it('keeps an entry without an end', () => {
    map.set('key', 'value');
    now += 10 * 365 * 86_400;
    map.purge();
    expect(map.get('key')).to.equal('value');
    expect(map.size).to.equal(1);
  });

  it('does not take what has ended', () => {
    map.set('key', 'value', now);
    expect(map.get('key')).to.equal(undefined);
    expect(map.size).to.equal(0);
  });

  it('forgets what has ended, within two minutes, whenever something is set', () => {
    for (let i = 0; i < 1000; i++) map.set(`short ${i}`, 'value', now + 1 + (i % 60));
    for (let i = 0; i < 10; i++) map.set(`long ${i}`, 'value', now + 3600);
    expect(map.size).to.equal(1010);
    now += 120;
    map.set('another', 'value', now + 3600);
    expect(map.size).to.equal(11);
    expect(map.get('long 0')).to.equal('value');
  });

  it('forgets nothing early when an entry is set anew to end later', () => {
    map.set('key', 'old', now + 10);
    map.set('key', 'new', now + 300);
    now += 130;
    map.purge();
    expect(map.get('key')).to.equal('new');
    now += 300;
    map.purge();
    expect(map.size).to.equal(0);
  });

  it('forgets in time what is set anew to end sooner', () => {
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

  it('keeps for good what is set anew without an end', () => {
    map.set('key', 'old', now + 10);
    map.set('key', 'new');
    now += 3600;
    map.purge();
    expect(map.get('key')).to.equal('new');
  });

  it('deletes an entry, which may come back', () => {
    map.set('key', 'value', now + 10);
    map.delete('key');
    expect(map.get('key')).to.equal(undefined);
    map.set('key', 'again', now + 500);
    now += 120;
    map.purge();
    expect(map.get('key')).to.equal('again');
  });

  it('takes a key for a key, whatever it is called', () => {
    for (const key of ['__proto__', 'constructor', '']) {
      expect(map.get(key)).to.equal(undefined);
      map.set(key, key, now + 10);
      expect(map.get(key)).to.equal(key);
    }
  });

  it('forgets all that has ended in the years that nobody asked it anything', () => {
    for (let i = 0; i < 100; i++) map.set(String(i), 'value', now + i * 86_400 + 1);
    now += 2 * 365 * 86_400;
    map.purge();
    expect(map.size).to.equal(0);
  });

  it('forgets what was set while the clock was put back', () => {
    now += 7200;
    map.purge();
    now -= 7200;
    map.set('key', 'value', now + 60);
    expect(map.get('key')).to.equal('value');
    now += 180;
    map.purge();
    expect(map.size).to.equal(0);
  });

  it('does not look at entries that stay when it forgets others', () => {
    for (let i = 0; i < 100_000; i++) map.set(`long ${i}`, 'value', now + 30 * 86_400);
    map.purge();
    const start = performance.now();
    for (let i = 0; i < 1000; i++) {
      map.set(`short ${i}`, 'value', now + 60);
      now += 120;
    }
    // Of 100,000 entries, a thousand sweeps would take seconds.
    expect(performance.now() - start).to.be.below(500);
    expect(map.size).to.equal(100_001);
  });
});
