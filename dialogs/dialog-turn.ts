import type { TurnContext } from 'botbuilder';
import type { Actor } from '../services/model/access.ts';
import type { ServiceContext } from '../services/service-context.ts';

/** What a dialog needs of the turn that runs it; the edge puts it there after it has checked who acts. */
export interface DialogTurn {
  readonly services: ServiceContext;
  readonly environmentId: string;
  readonly actor: Actor;
  readonly conversationId: string;
  readonly locale: string;
}

const key = Symbol('mailroom dialog turn');

export function setDialogTurn(context: TurnContext, turn: DialogTurn): void {
  context.turnState.set(key, turn);
}

/** @throws Error when the edge forgot to set it: a mistake of ours, never of a user */
export function dialogTurn(context: TurnContext): DialogTurn {
  const turn = context.turnState.get<DialogTurn | undefined>(key);
  if (turn === undefined) throw new Error('a dialog ran outside of a checked turn');
  return turn;
}
