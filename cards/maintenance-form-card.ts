import { translate } from '../locales/translate.ts';
import {
  maintenanceFields,
  maintenanceHostsOf,
  maintenanceLengths,
  type MaintenanceErrors,
  type MaintenanceValues,
} from '../services/model/maintenance.ts';
import type { EmailServerProfile } from '../services/model/profile.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/maintenance-form.json' with { type: 'json' };

export interface MaintenanceForm {
  readonly values: MaintenanceValues;
  readonly errors: MaintenanceErrors;
  /** In which the times are read; null: it is not known, and they are read as UTC. */
  readonly timeZone: string | null;
}

/** When the server of a profile will be out, and why. */
export function maintenanceFormCard(
  profile: EmailServerProfile,
  form: MaintenanceForm,
  context: CardContext,
): CardView {
  const say = speaker(context);
  const { id, revision } = profile;
  const { values, errors, timeZone } = form;
  const wrong = Object.keys(errors).length;
  const hosts = maintenanceHostsOf(profile).map((one) => plainText(one, 80));
  const host = hosts.join(' / ');
  const name = plainText(profile.name, 80);
  const noteOf = (field: keyof MaintenanceErrors): object[] => {
    const problem = errors[field];
    if (problem === undefined) return [];
    const text = translate(context.locale, `error.maintenance.${problem}`);
    return remark(say('field-error', { text }), 'Attention').map((block) => ({ ...block, spacing: 'Small' }));
  };
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('maintenance.title', { host }),
        wrong > 0
          ? { text: say('draft.to-correct', { count: wrong }), color: 'Attention' }
          : { text: say('maintenance.form-state'), color: 'Accent' },
        say('draft.of-profile', { name }),
      ),
      intro: say('maintenance.form-intro', { host }),
      server: hosts.length === 1 ? [] : [serverChoice(say, hosts, values.server)],
      zone: say('maintenance.zone', { zone: timeZone ?? 'none' }),
      missing: say('maintenance.choose'),
      missingReason: translate(context.locale, 'error.maintenance.reason-missing'),
      labels: Object.fromEntries(maintenanceFields.map((field) => [field, say(`maintenance.label.${field}`)])),
      values: Object.fromEntries(maintenanceFields.map((field) => [field, values[field]])),
      choices: {
        start: ['now', 'later'].map((value) => ({ title: say(`maintenance.start.${value}`), value })),
        length: maintenanceLengths.map((value) => ({
          title: value === 'end' ? say('maintenance.length.end') : say('maintenance.length.minutes', hoursOf(value)),
          value,
        })),
      },
      errors: Object.fromEntries(maintenanceFields.map((field) => [field, noteOf(field)])),
      next: nextStep(context, say(wrong > 0 ? 'draft.correct-next' : 'maintenance.form-next')),
      actions: cardButtons(context, [
        { verb: 'maintenance.review', title: say('button.continue'), id, revision, style: 'positive' },
        { verb: 'profile.show', title: say('button.cancel'), id, revision, inputs: 'none' },
      ]),
    },
    say('maintenance.form-summary', { host }),
    context,
  );
}

/** Which of two servers will be out. */
function serverChoice(say: Say, hosts: readonly string[], value: string): object {
  return {
    type: 'Input.ChoiceSet',
    id: 'server',
    label: say('maintenance.label.server'),
    style: 'compact',
    isRequired: true,
    errorMessage: say('maintenance.choose'),
    value: value === 'outgoing' ? value : 'incoming',
    choices: hosts.map((host, index) =>
      index === 0
        ? { title: say('maintenance.server.incoming', { host }), value: 'incoming' }
        : { title: say('maintenance.server.outgoing', { host }), value: 'outgoing' },
    ),
  };
}

export function hoursOf(minutes: string): { minutes: number; hours: number } {
  return { minutes: Number(minutes), hours: Number(minutes) / 60 };
}
