import { progressText, sizeText } from './export-texts.ts';

it.each([
  [0, '0 byte'],
  [999, '999 byte'],
  [81_204, '81 kB'],
  [5_250_000, '5.3 MB'],
  [7_100_000_000, '7.1 GB'],
])('%i bytes are %s', (bytes, text) => expect(sizeText(bytes, 'en-GB')).toBe(text));

it('progress names the section and counts', () => {
  const base = { state: 'running', requestedAt: '', sections: 5, sizeBytes: 0, expiresAt: null } as const;
  expect(progressText({ ...base, sectionsDone: 4, items: 1_204 }, 'en-GB')).toBe(
    'Collecting your payments: 1,204 entries so far.',
  );
  expect(progressText({ ...base, sectionsDone: 1, items: 1 }, 'en-GB')).toBe(
    'Collecting your sessions: 1 entry so far.',
  );
});
