import type { CardElement, TextColor } from '@microsoft/teams.cards';

/** A state as word and colour; the word begins with an icon character, so colour is never the only sign. */
export interface StateWord {
  readonly text: string;
  readonly color: TextColor;
}

/** The top of every card: what it is, how it stands, and a line below for where one is. */
export function cardHeader(title: string, state: StateWord, subtitle?: string): CardElement[] {
  const head: CardElement = {
    type: 'ColumnSet',
    columns: [
      {
        type: 'Column',
        width: 'stretch',
        items: [{ type: 'TextBlock', text: title, size: 'Large', weight: 'Bolder', style: 'heading', wrap: true }],
      },
      {
        type: 'Column',
        width: 'auto',
        verticalContentAlignment: 'Center',
        items: [{ type: 'TextBlock', text: state.text, color: state.color, weight: 'Bolder', wrap: true }],
      },
    ],
  };
  if (subtitle === undefined) return [head];
  return [head, { type: 'TextBlock', text: subtitle, isSubtle: true, spacing: 'None', wrap: true }];
}
