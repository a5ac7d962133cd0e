import { isPossibleDomain } from './email-domain.ts';

it.each([
  ['ada@example.com', true],
  ['ada@r3---sn.example.com', true],
  ['ada@xn--bcher-kva.example', true],
  ['ada@xn--strae-oqa.xn--zckzah', true],
  ['ada@xn--99999999.example', false],
  ['ada@xn--a-.example', false],
  ['ada@xn--a.example', false],
  ['ada@mail.xn--', false],
  // ü in two characters, and a label that would be written otherwise.
  ['ada@xn--u-ccb.example', false],
  ['ada@xn--a-ecp.ru', false],
])('the domain of %s can exist: %s', (address, possible) => expect(isPossibleDomain(address)).toBe(possible));
