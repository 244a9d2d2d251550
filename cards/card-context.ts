import type { IAdaptiveCard } from '@microsoft/teams.cards';
import { hasRight, type Right, type Role } from '../services/model/access.ts';

/** Who looks at a card, when, and in which language. */
export interface CardContext {
  readonly locale: string;
  /** Epoch ms. */
  readonly now: number;
  /** Roles of the reader; empty: a card that many share, which shows every button. */
  readonly roles: readonly Role[];
  /** Entra object id of the reader; absent on a card that many share. */
  readonly viewerId?: string;
}

/** A card, and the plain sentence that Teams shows in the notification (`activity.summary`). */
export interface CardView {
  readonly card: IAdaptiveCard;
  readonly summary: string;
}

/** True for a card that many share, and for a reader without any role, who sees no more than that. */
export function isShared(context: CardContext): boolean {
  return context.roles.length === 0;
}

/** True for the own chat of somebody without any role: what stands there was for them once. */
export function isForNobody({ roles, viewerId }: CardContext): boolean {
  return roles.length === 0 && viewerId !== undefined;
}

/** True when the reader may use a button that needs this right, as far as the card knows. */
export function mayUse(context: CardContext, right: Right): boolean {
  return context.roles.length === 0 || hasRight(context.roles, right);
}
