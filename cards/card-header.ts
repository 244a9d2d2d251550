import type { CardElement, IColumn, IconName, TextColor } from '@microsoft/teams.cards';

/** A state as word and colour; the word begins with a sign, so that colour is never the only one. */
export interface StateWord {
  readonly text: string;
  readonly color: TextColor;
}

/** Title and state up to so many characters stand side by side also on a phone. */
const besideEachOther = 24;

/** The signs of the state words, and the icons of the Fluent collection that Teams draws for them. */
const icons: Readonly<Record<string, IconName>> = {
  '✓': 'CheckmarkCircle',
  '✗': 'DismissCircle',
  '⚠': 'Warning',
  '?': 'QuestionCircle',
  '…': 'ArrowSyncCircle',
  '↻': 'ArrowClockwise',
  '–': 'SubtractCircle',
  '○': 'Circle',
  i: 'Info',
};

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
  const { sign, word } = splitSign(state);
  const { color } = state;
  const icon: IColumn = {
    type: 'Column',
    width: 'auto',
    verticalContentAlignment: 'Center',
    items: [stateIcon(sign, color)],
  };
  const text: CardElement = { type: 'TextBlock', text: word, color, weight: 'Bolder', wrap: true };
  // A long title beside its state would be squeezed into a column of one word a line.
  const head: CardElement[] =
    title.length + state.text.length > besideEachOther
      ? [
          heading,
          {
            type: 'ColumnSet',
            spacing: 'None',
            columns: [icon, { type: 'Column', width: 'stretch', spacing: 'Small', items: [text] }],
          },
        ]
      : [
          {
            type: 'ColumnSet',
            columns: [
              { type: 'Column', width: 'stretch', items: [heading] },
              icon,
              { type: 'Column', width: 'auto', spacing: 'Small', verticalContentAlignment: 'Center', items: [text] },
            ],
          },
        ];
  if (subtitle === undefined) return head;
  return [...head, { type: 'TextBlock', text: subtitle, isSubtle: true, spacing: 'None', wrap: true }];
}

/** The icon beside the word; icons are newer than schema 1.5, so a client that has none shows the sign. */
function stateIcon(sign: string, color: TextColor): CardElement {
  const fallback: CardElement = { type: 'TextBlock', text: sign, color, weight: 'Bolder' };
  return { type: 'Icon', name: icons[sign] ?? 'Info', size: 'xSmall', style: 'Filled', color, fallback };
}

/** A word without a sign says how many or how far, which is information. */
function splitSign({ text }: StateWord): { sign: string; word: string } {
  const [sign = '', ...rest] = text.split(' ');
  return Object.hasOwn(icons, sign) && rest.length > 0 ? { sign, word: rest.join(' ') } : { sign: 'i', word: text };
}
