import type { Subscription } from '../services/model/conversation.ts';
import {
  alertChoices,
  digestChoices,
  natureChoices,
  offeredProfiles,
  profileAlertChoices,
  subscriptionFields,
  type SubscriptionErrors,
  type SubscriptionValues,
} from '../services/model/subscription-input.ts';
import { translate } from '../locales/translate.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/subscription-form.json' with { type: 'json' };

export interface SubscriptionForm {
  readonly placeName: string;
  readonly values: SubscriptionValues;
  readonly errors: SubscriptionErrors;
  /** All profiles. */
  readonly profiles: readonly { readonly id: string; readonly name: string }[];
}

/** What a conversation shall receive, and when. */
export function subscriptionFormCard(
  subscription: Subscription,
  { placeName, values, errors, profiles }: SubscriptionForm,
  context: CardContext,
): CardView {
  const say = speaker(context);
  const { conversationId: id, revision } = subscription;
  const wrong = Object.keys(errors).length;
  const name = plainText(placeName, 80);
  const noteOf = (field: keyof SubscriptionErrors): object[] => {
    const problem = errors[field];
    if (problem === undefined) return [];
    const text = translate(context.locale, `error.subscription.${problem}`);
    return remark(say('field-error', { text }), 'Attention').map((block) => ({ ...block, spacing: 'Small' }));
  };
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('subscription.title'),
        wrong > 0
          ? { text: say('draft.to-correct', { count: wrong }), color: 'Attention' }
          : { text: say('subscription.form-state'), color: 'Accent' },
        name,
      ),
      missing: translate(context.locale, 'error.subscription.choose'),
      labels: Object.fromEntries(subscriptionFields.map((field) => [field, say(`subscription.label.${field}`)])),
      values,
      choices: {
        alerts: alertChoices.map((value) => ({ title: say(`subscription-alerts.${value}`), value })),
        nature: natureChoices.map((value) => ({ title: say(`subscription-nature.${value}`), value })),
        digest: digestChoices.map((value) => ({ title: say(`subscription-digest.${value}`), value })),
      },
      profiles: profileInputs(say, subscription, values, profiles),
      errors: Object.fromEntries(subscriptionFields.map((field) => [field, noteOf(field)])),
      quiet: say('subscription.quiet-intro'),
      next: nextStep(context, say(wrong > 0 ? 'settings-form.correct-next' : 'subscription.form-next')),
      actions: cardButtons(context, [
        { verb: 'subscription.save', title: say('button.save'), id, revision, style: 'positive' },
        { verb: 'subscription.show', title: say('button.cancel'), id, revision, inputs: 'none' },
      ]),
    },
    say('subscription.form-summary', { name }),
    context,
  );
}

/** Single profiles besides, with their level; nothing while there is none. */
function profileInputs(
  say: Say,
  subscription: Subscription,
  values: SubscriptionValues,
  all: SubscriptionForm['profiles'],
): object[] {
  const offered = offeredProfiles(subscription, all);
  if (offered.length === 0) return [];
  const known = new Set(offered.map(({ id }) => id));
  const isMixed = new Set(Object.values(subscription.profiles)).size > 1;
  return [
    {
      type: 'Input.ChoiceSet',
      id: 'profiles',
      label: say('subscription.label.profiles'),
      style: 'compact',
      isMultiSelect: true,
      value: values.profiles
        .split(',')
        .filter((id) => known.has(id))
        .join(','),
      choices: offered.map(({ id, name }) => ({ title: plainText(name, 60), value: id })),
    },
    ...remark(
      all.length > offered.length ? say('subscription.more-profiles', { count: all.length - offered.length }) : null,
    ),
    {
      type: 'Input.ChoiceSet',
      id: 'profileAlerts',
      label: say('subscription.label.profileAlerts'),
      style: 'compact',
      value: values.profileAlerts,
      choices: profileAlertChoices
        .filter((value) => value !== 'keep' || isMixed)
        .map((value) => ({ title: say(`subscription-alerts.${value}`), value })),
    },
  ];
}
