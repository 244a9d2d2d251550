import type { CardElement, ContainerStyle, TextColor } from '@microsoft/teams.cards';
import { faultText } from '../locales/fault-text.ts';
import type { Fault } from '../services/model/fault.ts';
import type { CardContext } from './card-context.ts';
import { speaker } from './card-text.ts';

/** The box at the end of a card that says what to do now. */
export function nextStep(context: CardContext, text: string): CardElement[] {
  const label = speaker(context)('next-step');
  return [
    {
      type: 'Container',
      style: 'emphasis',
      items: [
        { type: 'TextBlock', text: label, weight: 'Bolder', wrap: true },
        { type: 'TextBlock', text, spacing: 'Small', wrap: true },
      ],
    },
  ];
}

/** A fault as a box: its title, where it hit, the cause, the next step. */
export function faultNote(context: CardContext, fault: Fault, style: ContainerStyle, where?: string): CardElement[] {
  const say = speaker(context);
  const { title, cause, nextStep } = faultText(context.locale, fault);
  const items: CardElement[] = [
    {
      type: 'TextBlock',
      text: say(style === 'warning' ? 'fault.warning' : 'fault.error', { title }),
      weight: 'Bolder',
      wrap: true,
    },
    { type: 'TextBlock', text: cause, spacing: 'Small', wrap: true },
    { type: 'TextBlock', text: say('how-to-fix'), weight: 'Bolder', spacing: 'Small', wrap: true },
    { type: 'TextBlock', text: nextStep, spacing: 'None', wrap: true },
  ];
  if (where !== undefined) items.splice(1, 0, { type: 'TextBlock', text: where, spacing: 'None', wrap: true });
  return [{ type: 'Container', style, items }];
}

/** A sentence of its own, in a colour; nothing when there is none. */
export function remark(text: string | null, color: TextColor = 'Default'): CardElement[] {
  return text === null ? [] : [{ type: 'TextBlock', text, color, wrap: true }];
}
