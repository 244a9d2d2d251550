import type { CardElement, TextColor } from '@microsoft/teams.cards';

/** A state as word and colour; the word begins with an icon character, so colour is never the only sign. */
export interface StateWord {
  readonly text: string;
  readonly color: TextColor;
}

/** Title and state up to so many characters stand side by side also on a phone. */
const besideEachOther = 28;

/** The top of every card: what it is, how it stands, and a line below for where one is. */
export function cardHeader(title: string, state: StateWord, subtitle?: string): CardElement[] {
  const heading: CardElement = {
    type: 'TextBlock',
    text: title,
    size: 'Large',
    weight: 'Bolder',
    style: 'heading',
    wrap: true,
  };
  const word: CardElement = { type: 'TextBlock', text: state.text, color: state.color, weight: 'Bolder', wrap: true };
  // A long title beside its state would be squeezed into a column of one word a line.
  const head: CardElement[] =
    title.length + state.text.length > besideEachOther
      ? [heading, { ...word, spacing: 'None' }]
      : [
          {
            type: 'ColumnSet',
            columns: [
              { type: 'Column', width: 'stretch', items: [heading] },
              { type: 'Column', width: 'auto', verticalContentAlignment: 'Center', items: [word] },
            ],
          },
        ];
  if (subtitle === undefined) return head;
  return [...head, { type: 'TextBlock', text: subtitle, isSubtle: true, spacing: 'None', wrap: true }];
}
