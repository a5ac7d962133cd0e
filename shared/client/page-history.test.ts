import { FIRST_PAGE, historyAfter, previousPosition } from './page-history.ts';

describe('the way back through the pages', () => {
  const two = { cursor: 'c2', page: 2 };
  const three = { cursor: 'c3', page: 3 };
  const walked = historyAfter(historyAfter(null, '/payments', two), '/payments', three);

  it('leads through each page that was walked', () => {
    expect(previousPosition(walked, '/payments', three)).toEqual(two);
    expect(previousPosition(walked, '/payments', two)).toEqual(FIRST_PAGE);
  });

  it('leads to the first page when these filters were never walked', () => {
    expect(previousPosition(walked, '/payments?status=failed', three)).toEqual(FIRST_PAGE);
    expect(previousPosition(null, '/payments', { cursor: 'c9', page: 9 })).toEqual(FIRST_PAGE);
  });

  it('restarts with other filters and removes pages that no longer follow', () => {
    const again = historyAfter(walked, '/payments', { cursor: 'new', page: 2 });
    expect(again).toEqual({ list: '/payments', cursors: ['new'] });
    expect(historyAfter(walked, '/payments?q=abc', two)).toEqual({
      list: '/payments?q=abc',
      cursors: ['c2'],
    });
  });

  it('holds places open for pages that it has not seen', () => {
    const jumped = historyAfter(null, '/payments', { cursor: 'c4', page: 4 });
    expect(previousPosition(jumped, '/payments', { cursor: 'c4', page: 4 })).toEqual(FIRST_PAGE);
    expect(jumped.cursors).toEqual(['', '', 'c4']);
  });
});
