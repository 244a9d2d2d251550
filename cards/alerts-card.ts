import { faultTitle } from '../locales/fault-text.ts';
import type { Incident } from '../services/model/alert.ts';
import { cardButtons, commandButton, executeAction } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { localTime, speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { levelWord } from './status-words.ts';
import template from './templates/alerts.json' with { type: 'json' };

const most = 15;

/** What the list says besides its rows. */
export interface AlertNotices {
  /** Levels that are switched off in the email settings, with the incidents of theirs that are open. */
  readonly hidden: readonly { readonly level: 'error' | 'warning'; readonly count: number }[];
  /** Mailboxes whose last test succeeded; null: alerts for information are switched off. */
  readonly succeeded: number | null;
}

/** Open alerts by cause, errors first; a row opens its incident. */
export function alertsCard(
  incidents: readonly Incident[],
  context: CardContext,
  { hidden, succeeded }: AlertNotices = { hidden: [], succeeded: null },
): CardView {
  const say = speaker(context);
  const open = incidents.filter(({ state }) => state === 'open');
  const errors = open.filter(({ level }) => level === 'error');
  const sorted = [...errors, ...open.filter(({ level }) => level !== 'error')];
  return renderTemplate(
    template,
    {
      header: cardHeader(say('alerts.title'), stateWord(say, errors.length, open.length)),
      rows: sorted.slice(0, most).map((incident) => {
        const word = levelWord(say, incident.level);
        const title = faultTitle(context.locale, incident.code);
        return {
          title,
          where: say('alerts.where', {
            profile: plainText(incident.profileName, 60),
            date: localTime(incident.firstAt),
          }),
          level: word.text,
          color: word.color,
          hits: say('alerts.hits', { count: incident.open }),
          open: executeAction({
            verb: 'incident.show',
            title: say('alerts.open', { title }),
            id: incident.id,
            revision: incident.revision,
          }),
        };
      }),
      more: [
        ...remark(open.length > most ? say('more', { count: open.length - most }) : null),
        ...hidden.flatMap(({ level, count }) => remark(say('alerts-hidden', { level, count }), 'Warning')),
        ...remark(succeeded === null || succeeded === 0 ? null : say('information.all', { count: succeeded }), 'Good'),
      ],
      next: nextStep(context, say(open.length === 0 ? 'alerts.empty-next' : 'alerts.next')),
      actions: cardButtons(context, [commandButton(say('button.status'), 'status')]),
    },
    say('alerts.summary', { errors: errors.length, warnings: open.length - errors.length }),
    context,
  );
}

function stateWord(say: Say, errors: number, open: number): StateWord {
  if (open === 0) return { text: say('alerts.none'), color: 'Good' };
  if (errors === 0) return { text: say('alerts.warnings', { count: open }), color: 'Warning' };
  return { text: say('alerts.errors', { count: errors, warnings: open - errors }), color: 'Attention' };
}
