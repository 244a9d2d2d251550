import { approverSetLimits, type ApproverSet } from '../services/model/approver-set.ts';
import { anyChoice, type ApproverSetField, type ApproverSetProblems } from '../services/model/approver-set-input.ts';
import type { Environment } from '../services/model/environment.ts';
import { setName, shortName, type NamesById } from './approver-set-words.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { fieldError } from './settings-pages.ts';
import template from './templates/approver-set-form.json' with { type: 'json' };
import { mostStaticChoices, staticChoices, typeaheadInput, type TypeaheadChoice } from './typeahead-input.ts';

export interface ApproverSetForm {
  readonly environment: Environment;
  /** '': a new one. */
  readonly id: string;
  readonly typed: Readonly<Partial<Record<ApproverSetField, string>>>;
  readonly problems: ApproverSetProblems;
  readonly profiles: readonly { readonly id: string; readonly name: string }[];
  /** Entra object ids of everybody who may decide. */
  readonly approvers: readonly string[];
  readonly names: NamesById;
}

/** A set as its form has it. */
export function typedOf(set: ApproverSet): Record<ApproverSetField, string> {
  return {
    setName: set.name,
    setProfile: set.profileId ?? anyChoice,
    setType: set.mailboxType ?? anyChoice,
    setMembers: set.members.join(','),
    setSecond: set.secondSetId ?? anyChoice,
  };
}

/** People whom the form offers without a search; whoever is chosen is among them. */
const mostPeople = 60;

/** The form of one approver set. */
export function approverSetFormCard(form: ApproverSetForm, context: CardContext): CardView {
  const { environment, id, problems } = form;
  const say = speaker(context);
  const wrong = Object.keys(problems).length;
  const { revision } = environment;
  const isNew = id === '';
  const title = say(isNew ? 'approver-set.title-new' : 'approver-set.title');
  return renderTemplate(
    template,
    {
      header: cardHeader(
        title,
        wrong > 0
          ? { text: say('draft.to-correct', { count: wrong }), color: 'Attention' }
          : { text: say('approver-set.open'), color: 'Accent' },
      ),
      intro: remark(say('approver-set.intro')),
      inputs: inputsOf(say, form).flatMap((input) => [
        input,
        ...fieldError(problems[input.id], (field) => say(`approver-set.${field}`), context),
      ]),
      next: nextStep(context, say(wrong > 0 ? 'settings-form.correct-next' : 'approver-set.next')),
      actions: cardButtons(context, [
        { verb: 'approver-set.save', title: say('button.save'), id, revision, style: 'positive' },
        { verb: 'settings.open', title: say('button.back'), id: 'approvers', revision, inputs: 'none' },
      ]),
    },
    say('approver-set.summary', { title }),
    context,
  );
}

function inputsOf(say: Say, { environment, id, typed, profiles, approvers, names }: ApproverSetForm) {
  const field = (name: ApproverSetField) => ({ id: name, label: say(`approver-set.${name}`) });
  const others = environment.settings.approverSets.filter((set) => set.id !== id);
  const people = peopleChoices(say, approvers, typed.setMembers ?? '', names);
  return [
    {
      ...field('setName'),
      type: 'Input.Text',
      // One character more, so that what is too long is refused and not cut.
      value: (typed.setName ?? '').slice(0, approverSetLimits.nameCharacters + 1),
      maxLength: approverSetLimits.nameCharacters + 1,
      isRequired: true,
      errorMessage: say('approver-set.name-missing'),
    },
    profileInput(say, typed.setProfile ?? anyChoice, profiles),
    {
      ...field('setType'),
      ...choice(typed.setType ?? anyChoice, [
        { title: say('approver-set.both-types'), value: anyChoice },
        { title: say('type.user'), value: 'user' },
        { title: say('type.queue'), value: 'queue' },
      ]),
    },
    {
      ...field('setMembers'),
      type: 'Input.ChoiceSet',
      isMultiSelect: true,
      wrap: true,
      style: people.length > mostStaticChoices ? 'filtered' : 'expanded',
      value: typed.setMembers ?? '',
      choices: people.slice(0, mostPeople),
      ...(approvers.length > mostPeople ? { 'choices.data': { type: 'Data.Query', dataset: 'approvers' } } : {}),
      isRequired: true,
      errorMessage: say('approver-set.members-missing'),
    },
    {
      ...field('setSecond'),
      ...choice(typed.setSecond ?? anyChoice, [
        { title: say('approver-set.second-all'), value: anyChoice },
        ...others.map((set) => ({ title: setName(set), value: set.id })),
      ]),
    },
  ];
}

function choice(value: string, choices: readonly TypeaheadChoice[]): object {
  const known = choices.some((one) => one.value === value);
  return { type: 'Input.ChoiceSet', style: 'compact', ...(known ? { value } : {}), choices };
}

function peopleChoices(say: Say, approvers: readonly string[], chosen: string, names: NamesById): TypeaheadChoice[] {
  const isChosen = (id: string): boolean => chosen.split(',').includes(id);
  const named = approvers
    .map((id) => ({ title: shortName(say, names[id]), value: id }))
    .sort((a, b) => a.title.localeCompare(b.title));
  return [...named.filter(({ value }) => isChosen(value)), ...named.filter(({ value }) => !isChosen(value))];
}

/** More profiles than a list can show are found by typing. */
function profileInput(say: Say, value: string, profiles: ApproverSetForm['profiles']) {
  const id = 'setProfile';
  const label = say('approver-set.setProfile');
  const any: TypeaheadChoice = { title: say('approver-set.every-profile'), value: anyChoice };
  const named = profiles.map((profile): TypeaheadChoice => ({
    title: plainText(profile.name, 80),
    value: profile.id,
  }));
  if (named.length <= mostStaticChoices) return { id, label, ...choice(value, [any, ...named]) } as const;
  const choices = [any, ...staticChoices(named, value)];
  return { ...typeaheadInput({ id, label, dataset: 'profiles', choices, value }), id } as const;
}
