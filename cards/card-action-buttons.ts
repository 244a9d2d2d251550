import type {
  ActionArray,
  CardElement,
  IExecuteAction,
  IOpenUrlAction,
  IShowCardAction,
  ISubmitAction,
} from '@microsoft/teams.cards';
import { mayUse, type CardContext } from './card-context.ts';
import { rightOf, type Verb } from './verbs.ts';

export interface Button {
  readonly verb: Verb;
  readonly title: string;
  readonly id: string;
  readonly revision: number;
  readonly style?: 'positive' | 'destructive';
  /** `none`: the button works whatever is typed, and sends nothing of it. */
  readonly inputs?: 'none';
}

/** A button that opens inputs of its own before it acts. */
export interface ButtonWithInputs {
  readonly title: string;
  readonly body: readonly object[];
  readonly submit: Button;
}

/** A button that opens a dialog: what is typed there goes to nobody else, and no edit of the card takes it away. */
export interface DialogButton {
  readonly opens: Verb;
  readonly title: string;
  readonly id: string;
  readonly revision: number;
  /** `none`: nothing of what is ticked on the card goes with it. */
  readonly inputs?: 'none';
}

/** A button that opens more buttons, for what is not done every day. */
export interface ButtonMenu {
  readonly title: string;
  readonly text: string;
  /** Given to the one button of a card that is likely next. */
  readonly style?: 'positive';
  readonly buttons: readonly (Button | null)[];
}

export interface LinkButton {
  readonly title: string;
  readonly url: string;
}

/** What the client does when it knows no Action.Execute: the same as a message. */
export function executeAction({ verb, title, id, revision, style, inputs }: Button): IExecuteAction {
  const data = { verb, id, revision };
  const look = {
    title,
    ...(style === undefined ? {} : { style }),
    ...(inputs === undefined ? {} : { associatedInputs: inputs }),
  };
  return { type: 'Action.Execute', ...look, verb, data, fallback: { type: 'Action.Submit', ...look, data } };
}

/** The buttons below a card, without those that the reader's roles do not allow. Null stands for "not now". */
export function cardButtons(
  context: CardContext,
  buttons: readonly (Button | ButtonWithInputs | DialogButton | ButtonMenu | LinkButton | null)[],
): ActionArray {
  return buttons.flatMap((button): ActionArray => {
    if (button === null) return [];
    if ('url' in button) return [openUrl(button)];
    if ('buttons' in button) return menu(context, button);
    const verb = 'submit' in button ? button.submit.verb : 'opens' in button ? button.opens : button.verb;
    const right = rightOf(verb);
    if (right !== null && !mayUse(context, right)) return [];
    if ('opens' in button) return [openDialog(button)];
    return ['submit' in button ? showCard(button) : executeAction(button)];
  });
}

/** Buttons that run a chat command; the id is the command's text. */
export function commandButton(title: string, command: string, style?: 'positive'): Button {
  const button: Button = { verb: 'command.run', title, id: command, revision: 0, inputs: 'none' };
  return style === undefined ? button : { ...button, style };
}

const mostInRow = 5;

/** Nothing for whoever may use none of its buttons. */
function menu(context: CardContext, { title, text, style, buttons }: ButtonMenu): ActionArray {
  const actions = cardButtons(context, buttons);
  if (actions.length === 0) return [];
  // Clients leave out what is more than they have room for in one row.
  const first = actions.length > mostInRow ? actions.slice(0, Math.ceil(actions.length / 2)) : [];
  const body: CardElement[] = [
    { type: 'TextBlock', text, wrap: true },
    ...(first.length === 0 ? [] : [{ type: 'ActionSet', actions: first } as const]),
  ];
  const rest = actions.slice(first.length);
  const card = { type: 'AdaptiveCard', version: '1.5', body, actions: rest } as IShowCardAction['card'];
  const look = { title, ...(style === undefined ? {} : { style }) };
  return [{ type: 'Action.ShowCard', ...look, ...(card === undefined ? {} : { card }) }];
}

/** Teams asks the bot for the dialog (`task/fetch`); of what the card holds it sends the same as with every button. */
function openDialog({ opens, title, id, revision, inputs }: DialogButton): ISubmitAction {
  return {
    type: 'Action.Submit',
    title,
    ...(inputs === undefined ? {} : { associatedInputs: inputs }),
    data: { msteams: { type: 'task/fetch' }, verb: opens, id, revision },
  };
}

/** The button of a dialog: what is typed comes as `task/submit`, and the dialog closes or says what is wrong. */
export function dialogSubmit({ verb, title, id, revision, style }: Button): ISubmitAction {
  return {
    type: 'Action.Submit',
    title,
    ...(style === undefined ? {} : { style }),
    data: { verb, id, revision },
  };
}

function openUrl({ title, url }: LinkButton): IOpenUrlAction {
  return { type: 'Action.OpenUrl', title, url, style: 'positive' };
}

function showCard({ title, body, submit }: ButtonWithInputs): IShowCardAction {
  const card = {
    type: 'AdaptiveCard',
    version: '1.5',
    body,
    actions: [executeAction(submit)],
  } as IShowCardAction['card'];
  return { type: 'Action.ShowCard', title, ...(card === undefined ? {} : { card }) };
}
