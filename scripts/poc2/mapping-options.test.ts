import { readMappingOptions } from './mapping-options.ts';

it('a known currency is renamed only by the option that says so', () => {
  for (const currency of ['USD=EUR', ' usd=EUR'])
    expect(() => readMappingOptions({ currency: [currency] })).toThrow('this is a currency here');
  expect(() => readMappingOptions({ 'rename-currency': ['XBT=EUR'] })).toThrow('this is no currency here');
  const { currencies } = readMappingOptions({ currency: ['XBT=USD'], 'rename-currency': ['USD=EUR'] });
  expect(currencies).toEqual({ XBT: 'USD', USD: 'EUR' });
});
