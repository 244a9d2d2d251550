/** The Exchange stand-in as a library. Its program is main.ts. */
export { demoDirectory } from './demo/demo-directory.ts';
export { demoFaults, demoMailboxes, type DemoMailbox, type DemoTrouble } from './demo/demo-mailboxes.ts';
export { FaultRuleError, readFaultRules, type FaultAction, type FaultRule, type WireFault } from './faults/rule.ts';
export type { AutodiscoverEntry } from './autodiscover/log.ts';
export type { AutodiscoverAction, AutodiscoverRule } from './autodiscover/rule.ts';
export { EXCHANGE_SCHEMES, type DirectorySchemes } from './authentication/virtual-directories.ts';
export type { DelegateGrant } from './mailbox/delegates.ts';
export type { DistributionList } from './mailbox/organization.ts';
export type { MailboxSeed } from './mailbox/mailbox.ts';
export type { SentMail } from './mailbox/mail-log.ts';
export type { ExchangeOptions } from './options.ts';
export type { RequestEntry, SignInEntry } from './request-log.ts';
export { startExchange, type ExchangeStandIn } from './start-exchange.ts';
