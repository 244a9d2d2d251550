import type { CardElement } from '@microsoft/teams.cards';
import type { DiscoveryStep } from '../services/model/discovery.ts';
import type { CardContext } from './card-context.ts';
import { speaker } from './card-text.ts';
import { stepLine } from './discovery-words.ts';

/** Lines and characters of a trace on a card: with the rest of the card it stays below 20 KB whatever servers wrote. */
const mostSteps = 40;
const mostCharacters = 3200;

/** The steps of a search, behind a button that shows and hides them; nothing when there are none. */
export function discoveryTrace(context: CardContext, trace: readonly DiscoveryStep[]): CardElement[] {
  if (trace.length === 0) return [];
  const say = speaker(context);
  const lines = latest(trace.map((step) => stepLine(context, step)));
  const leftOut = trace.length - lines.length;
  const shown = leftOut === 0 ? lines : [say('discovery.left-out', { count: leftOut }), ...lines];
  return [
    {
      type: 'ActionSet',
      actions: [
        {
          type: 'Action.ToggleVisibility',
          title: say('button.steps', { count: trace.length }),
          targetElements: ['steps'],
        },
      ],
    },
    {
      type: 'Container',
      id: 'steps',
      isVisible: false,
      items: shown.map((text) => ({ type: 'TextBlock', text, wrap: true, size: 'Small', spacing: 'None' })),
    },
  ];
}

/** As many lines as fit, from the end: the last steps say how it ended. */
function latest(lines: readonly string[]): readonly string[] {
  const fitting: string[] = [];
  let left = mostCharacters;
  for (const line of lines.slice(-mostSteps).toReversed()) {
    left -= line.length;
    if (left < 0) break;
    fitting.unshift(line);
  }
  return fitting;
}
