import { copyButton, element } from './elements.js';

/** The first-visit hint, and what one needs for the guided conversation: addresses and accounts of the stand-ins. */
export function drawHeader(header, { hints, sampleCsv }) {
  const boxes = hints.map(({ label, value }) =>
    element(
      'div',
      { className: 'hint', 'data-hint': label },
      element('span', { className: 'hint-label' }, label),
      element('code', {}, value),
      copyButton('Copy', value),
    ),
  );
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
    element('div', { className: 'hints' }, ...boxes),
  );
}
