/**
 * The types of adaptivecards-templating name a source file of another package, whose code this project's settings refuse.
 * `tsconfig.json` points that name here.
 */
export type { IAdaptiveCard } from '@microsoft/teams.cards';
