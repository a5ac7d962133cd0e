// Finding, copying and the contents on small screens; the page can be read without.
const find = document.getElementById('find');
const found = document.getElementById('found');
const clear = document.getElementById('clear');
const contents = document.querySelector('.contents');
const operations = [...document.querySelectorAll('.operation')];
const groups = [...document.querySelectorAll('.topic, nav .group')];
const others = document.querySelectorAll('#start, #schemas, .lead');

const foundText = (count) => {
  if (count === operations.length) return '';
  const { things } = find.dataset;
  return count === 0 ? `No ${things} match` : `${count} of ${operations.length} ${things}`;
};

/** Shows the operations that have all words; the address keeps the words. */
const filter = () => {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = new Set(
    operations
      .filter(({ dataset }) => words.every((word) => dataset.find.includes(word)))
      .map(({ id }) => id),
  );
  for (const one of operations) one.hidden = !matching.has(one.id);
  for (const link of document.querySelectorAll('[data-for]')) link.hidden = !matching.has(link.dataset.for);
  for (const group of groups)
    group.hidden = !group.querySelector('.operation:not([hidden]), [data-for]:not([hidden])');
  for (const other of others) other.hidden = words.length > 0;
  found.textContent = foundText(matching.size);
  clear.hidden = words.length === 0;
  const url = new URL(location.href);
  if (words.length > 0) url.searchParams.set('q', find.value.trim());
  else url.searchParams.delete('q');
  if (url.href !== location.href) history.replaceState(null, '', url);
};

/** A link to something that is filtered out shows everything again. */
const showTarget = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target || target.offsetParent !== null) return;
  find.value = '';
  filter();
  target.scrollIntoView();
};

const addCopyButton = (figure) => {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', () => {
    navigator.clipboard.writeText(figure.querySelector('pre').textContent).then(
      () => {
        button.textContent = 'Copied';
        setTimeout(() => (button.textContent = 'Copy'), 2000);
      },
      () => getSelection().selectAllChildren(figure.querySelector('pre')),
    );
  });
  figure.querySelector('figcaption').append(button);
};

find.closest('search').hidden = false;
find.value = new URL(location.href).searchParams.get('q') ?? '';
find.addEventListener('input', () => {
  filter();
  scrollTo(0, 0);
});
clear.addEventListener('click', () => {
  find.value = '';
  filter();
  find.focus();
});
addEventListener('hashchange', showTarget);
addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target.closest('input')) return;
  event.preventDefault();
  find.focus();
});
// Without the clipboard (plain http on another name than localhost) there is nothing to press.
if (navigator.clipboard) for (const figure of document.querySelectorAll('.code')) addCopyButton(figure);

const wide = matchMedia('(min-width: 64rem)');
const fold = () => (contents.open = wide.matches);
wide.addEventListener('change', fold);
fold();
contents.addEventListener('click', (event) => {
  if (!wide.matches && event.target.closest('a')) contents.open = false;
});
if (find.value !== '') filter();
