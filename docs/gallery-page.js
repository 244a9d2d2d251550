// Served beside the demo page's own files.
import { drawContent, prepareCards } from './cards.js';

/** What the gallery does in its page; `take-gallery.ts` calls it. */
globalThis.gallery = { draw, overflowing, readPixels };

prepareCards();

/** A row for each condition, with the card in each width. */
function draw(rows, widths) {
  const main = document.querySelector('main');
  document.body.style.height = 'auto';
  main.style.padding = '8px 24px 24px';
  main.replaceChildren(
    ...rows.flatMap(({ condition, card }) => {
      const title = document.createElement('h2');
      title.textContent = condition;
      const row = document.createElement('div');
      row.style.cssText = 'display: flex; gap: 24px; align-items: flex-start';
      row.append(...widths.map((width) => drawCard(card, width)));
      return [title, row];
    }),
  );
}

function drawCard(content, width) {
  const box = document.createElement('div');
  box.style.width = `${width}px`;
  const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', content }];
  box.append(...drawContent({ text: '', views: {}, attachments }, 'ada', {}));
  return box;
}

/** What sticks out of its card, or is cut off at its edge. */
function overflowing() {
  return Array.from(document.querySelectorAll('.card')).flatMap((card) => {
    const { right } = card.getBoundingClientRect();
    return Array.from(card.querySelectorAll('*'))
      .filter((node) => node.getBoundingClientRect().right > right + 1)
      .map((node) => `${node.tagName} ${node.textContent.slice(0, 40)}`);
  });
}

/** The pixels of a picture, in base64: four bytes each. */
async function readPixels(png) {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const { width, height } = image;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(image, 0, 0);
  const bytes = context.getImageData(0, 0, width, height).data;
  const parts = [];
  for (let at = 0; at < bytes.length; at += 30_000)
    parts.push(String.fromCodePoint(...bytes.subarray(at, at + 30_000)));
  return { width, height, pixels: btoa(parts.join('')) };
}
