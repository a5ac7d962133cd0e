/** The skeleton of index.html, which stays in view until the first page is there. */
const skeleton = document.querySelector('.frame-skeleton');

/** Shows the skeleton in a node, in the shape of a form or of a wide page, or in the one that it has. */
export const showSkeleton = (node: HTMLElement, shape?: 'form' | 'page'): void => {
  if (shape) document.documentElement.dataset['first'] = shape;
  if (skeleton) node.append(skeleton);
};
