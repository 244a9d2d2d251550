import { copyButton, element } from './elements.js';

/** The first-visit hint, and what one needs for the guided conversation: addresses and accounts of the stand-ins. */
export function drawHeader(header, { hints, ways, sampleCsv }) {
  const boxes = hints.map(hintBox);
  if (sampleCsv !== '') {
    boxes.push(
      element(
        'div',
        { className: 'hint', 'data-hint': 'Sample CSV' },
        element('span', { className: 'hint-label' }, 'Mailboxes to import'),
        copyButton('Copy sample CSV', sampleCsv),
      ),
    );
  }
  header.replaceChildren(
    element('strong', { className: 'brand' }, 'Mailroom demo'),
    element(
      'span',
      { className: 'lead' },
      'Type ',
      element('code', {}, 'help'),
      ', or start with ',
      element('code', {}, 'create profile'),
    ),
    element('div', { className: 'hints' }, ...boxes, ways.length === 0 ? undefined : waysBox(ways)),
  );
}

function hintBox({ label, value }) {
  return element(
    'div',
    { className: 'hint', 'data-hint': label },
    element('span', { className: 'hint-label' }, label),
    element('code', {}, value),
    copyButton('Copy', value),
  );
}

/** Other ways to sign in, folded away: most visitors take the plain one. */
function waysBox(ways) {
  return element(
    'details',
    { className: 'ways' },
    element('summary', {}, 'Other ways to sign in'),
    element(
      'div',
      { className: 'ways-panel' },
      ...ways.map(({ title, text, hints = [], files }) =>
        element(
          'section',
          {},
          element('h3', {}, title),
          element('p', {}, text),
          ...files.map((name) => element('a', { className: 'download', href: `/files/${name}`, download: name }, name)),
          ...hints.map(hintBox),
        ),
      ),
    ),
  );
}
