import { defaultAdvanced, type AdvancedSettings } from '../services/model/draft-advanced.ts';
import type { FactLine } from './card-facts.ts';
import type { Say } from './card-text.ts';
import { plainText } from './plain-text.ts';

/** The advanced settings of a profile; of those that few people touch only what is set. */
export function advancedFacts(say: Say, settings: AdvancedSettings): FactLine[] {
  const { timeoutMailboxConnectionAfterAmount: timeout, processEmailsReceivedAfter: day } = settings;
  const isUsual = String(timeout) === defaultAdvanced.timeoutMailboxConnectionAfterAmount || timeout === 0;
  return [
    [say('fact.description'), settings.description === '' ? null : plainText(settings.description, 300)],
    [say('fact.connections'), say('number', { count: settings.maxConcurrentConnections })],
    [say('fact.timeout'), isUsual ? null : say('advanced.timeout', { ms: timeout })],
    [say('fact.received-after'), day === null ? null : say('advanced.kept', { value: day })],
    [say('fact.undelivered'), settings.moveUndeliveredEmails ? say('advanced.kept', { value: 'yes' }) : null],
    [say('fact.owner-alert'), settings.sendEmailAlert ? say('advanced.owner-alert') : null],
  ];
}
