/** Markup that is not escaped again. */
export type Html = { markup: string };

type Part = Html | string | number | null | undefined | false | readonly Part[];

const escape = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const markupOf = (part: Part): string => {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string' || typeof part === 'number') return escape(String(part));
  return 'markup' in part ? part.markup : part.map(markupOf).join('');
};

/** Markup of a template; everything put into it is escaped, unless it is markup itself. */
export const html = (strings: TemplateStringsArray, ...parts: Part[]): Html => ({
  markup: String.raw({ raw: strings }, ...parts.map(markupOf)),
});

/** One paragraph of Markdown as the texts of the document use it: `code` and [links](https://…). */
export const inline = (text: string): Html => ({
  markup: escape(text)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\[([^\]]+)\]\((https:[^)\s]+)\)/g, '<a href="$2">$1</a>'),
});

/** Paragraphs that are separated by empty lines. */
export const paragraphs = (text: string): Html =>
  html`${text.split('\n\n').map((one) => html`<p>${inline(one)}</p>`)}`;
