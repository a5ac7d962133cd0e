import { canonicalForm, readForm } from './form.ts';

describe('a form', () => {
  it('is read with its records and lists', () => {
    const { form } = readForm('amount=5&metadata[payment_id]=a%20b&types[0]=card&tags[]=x&tags[]=y');
    expect(JSON.parse(JSON.stringify(form))).toEqual({
      amount: '5',
      metadata: { payment_id: 'a b' },
      types: { 0: 'card' },
      tags: { 0: 'x', 1: 'y' },
    });
  });

  it.each(['a[b=1', '[]=1', 'a=1&a[b]=2', 'a[b][c][d][e][f]=1', 'a=%00', 'a=1&'.repeat(301)])(
    'that is not well-formed is a problem: %s',
    (text) => {
      expect(readForm(text).problem).toEqual(expect.any(String));
    },
  );

  it('reaches no prototype', () => {
    readForm('__proto__[polluted]=yes&constructor[prototype][polluted]=yes');
    expect('polluted' in {}).toBe(false);
  });

  it('is the same in any order, and another with any other value', () => {
    expect(canonicalForm('a=1&b=2')).toBe(canonicalForm('b=2&a=1'));
    expect(canonicalForm('a=1&b=2')).not.toBe(canonicalForm('a=1&b=3'));
  });
});
