import type { CardElement } from '@microsoft/teams.cards';
import type { Say } from './card-text.ts';
import { plainText } from './plain-text.ts';

const most = 10;

/** Some of many addresses, and how many more there are. */
export function sampleLines(say: Say, addresses: readonly string[], total: number): CardElement[] {
  const shown = addresses.slice(0, most).map((address) => plainText(address));
  const left = total - shown.length;
  const lines = left > 0 && shown.length > 0 ? [...shown, say('more', { count: left })] : shown;
  return lines.map((text, index) => ({
    type: 'TextBlock',
    text,
    spacing: index === 0 ? 'Small' : 'None',
    size: 'Small',
    wrap: true,
  }));
}
