import { expect } from 'chai';
import { SidList } from '../../src/store/SidList';

describe('SidList', () => {
  it('has each sid once, in the order in which they were added', () => {
    const sids = new SidList();
    expect(sids.oldest).to.equal(undefined);
    for (const sid of ['a', 'b', 'a', 'c']) sids.add(sid);
    expect([...sids]).to.deep.equal(['b', 'a', 'c']);
    expect(sids.size).to.equal(3);
    expect(sids.oldest).to.equal('b');
  });

  it('knows the oldest after any deletions', () => {
    const sids = new SidList();
    for (let i = 0; i < 1000; i++) sids.add(`sid ${i}`);
    for (let i = 0; i < 1000; i += 2) sids.delete(`sid ${i}`);
    for (let i = 1; i < 1000; i += 2) {
      expect(sids.oldest).to.equal(`sid ${i}`);
      sids.delete(`sid ${i}`);
      sids.delete(`sid ${i}`);
    }
    expect(sids.size).to.equal(0);
    expect(sids.oldest).to.equal(undefined);
    sids.add('again');
    expect(sids.oldest).to.equal('again');
  });

  it('has a sid that was deleted and added again at its new place', () => {
    const sids = new SidList();
    for (const sid of ['a', 'b']) sids.add(sid);
    sids.delete('a');
    sids.add('a');
    expect([...sids]).to.deep.equal(['b', 'a']);
    expect(sids.oldest).to.equal('b');
  });
});
