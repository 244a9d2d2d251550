import { describe, expect, it } from 'vitest';
import { isMailroomError } from '../../services/model/error.ts';
import {
  composeFilter,
  formatFilter,
  matches,
  namedFilter,
  parseFilter,
  statusMeant,
} from '../../services/model/filter.ts';
import { newMailbox, type Mailbox } from '../../services/model/mailbox.ts';

const mailbox: Mailbox = {
  ...newMailbox(
    {
      environmentId: 'main',
      id: 'kim.lee@contoso.test',
      address: 'kim.lee@contoso.test',
      type: 'user',
      owner: 'Kim',
      importedBy: 'ada',
      createdAt: 0,
    },
    { profileId: 'p1', incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: 2 },
  ),
  status: 2,
  incoming: { status: 1, enabled: true, fault: null },
  outgoing: { status: 2, enabled: false, fault: { code: 'ErrorSendAsDenied', params: {} } },
};

describe('a filter', () => {
  it.each([
    ['', { words: [] }],
    ['   ', { words: [] }],
    ['all', { words: [] }],
    ['ALL', { words: [] }],
    ['Kim LEE', { words: ['kim', 'lee'] }],
    ['"kim lee"', { words: ['kim lee'] }],
    ['status:failure', { words: [], status: 2 }],
    ['STATUS:Success', { words: [], status: 1 }],
    ['status:notrun', { words: [], status: 0 }],
    ['incoming:success outgoing:failure act:notrun', { words: [], incoming: 1, outgoing: 2, act: 0 }],
    ['approval:pending', { words: [], approval: 2 }],
    ['approval:approved', { words: [], approval: 1 }],
    ['approval:rejected', { words: [], approval: 3 }],
    ['approval:empty', { words: [], approval: 0 }],
    ['type:queue', { words: [], type: 'queue' }],
    ['profile:Contoso', { words: [], profile: 'Contoso' }],
    ['profile:"Contoso on-prem" kim', { words: ['kim'], profile: 'Contoso on-prem' }],
    ['profile:"Contoso', { words: [], profile: 'Contoso' }],
    ['cause:errorsendasdenied', { words: [], cause: 'ErrorSendAsDenied' }],
    ['kim status:failure type:user', { words: ['kim'], status: 2, type: 'user' }],
    ['"status:failure"', { words: ['status:failure'] }],
    ['state:inactive', { words: [], state: 'inactive' }],
    ['State:ACTIVE kim', { words: ['kim'], state: 'active' }],
    ['profile:"The ""old"" one" kim', { words: ['kim'], profile: 'The "old" one' }],
    ['profile:""""', { words: [], profile: '"' }],
    ['"say ""hi"""', { words: ['say "hi"'] }],
    ['\u2068kim\u2069 profile:"\u2068\u05d0\u2069"', { words: ['kim'], profile: '\u05d0' }],
  ])('reads %j', (text, filter) => {
    expect(parseFilter(text)).toEqual(filter);
  });

  it.each([
    ['colour:red', 'filter.unknown-key', { key: 'colour' }],
    ['https://contoso.test', 'filter.unknown-key', { key: 'https' }],
    ['constructor:x', 'filter.unknown-key', { key: 'constructor' }],
    ['status:', 'filter.unknown-value', { key: 'status', value: '' }],
    ['status:broken', 'filter.unknown-value', { key: 'status', allowed: 'failure, success, notrun' }],
    ['act:constructor', 'filter.unknown-value', { key: 'act', value: 'constructor' }],
    ['approval:__proto__', 'filter.unknown-value', { key: 'approval' }],
    ['state:', 'filter.unknown-value', { key: 'state', allowed: 'active, inactive' }],
    ['state:toString', 'filter.unknown-value', { key: 'state' }],
    ['type:room', 'filter.unknown-value', { key: 'type', allowed: 'user, queue' }],
    ['cause:toString', 'filter.unknown-value', { key: 'cause' }],
  ])('refuses %j and says what it does not know', (text, code, params) => {
    expect(() => parseFilter(text)).toThrow(expect.objectContaining({ code, params: expect.objectContaining(params) }));
  });

  it('never repeats more than a few letters of what it refuses', () => {
    for (const text of [`${'k'.repeat(100_000)}:x`, `status:${'v'.repeat(100_000)}`]) {
      try {
        parseFilter(text);
        expect.unreachable();
      } catch (error) {
        if (!isMailroomError(error)) throw error;
        expect(JSON.stringify(error.params).length).toBeLessThan(300);
      }
    }
  });

  it.each([
    ['', true],
    ['kim', true],
    ['KIM contoso', true],
    ['kim nobody', false],
    ['status:failure', true],
    ['status:success', false],
    ['incoming:success', true],
    ['outgoing:success', false],
    ['act:notrun', true],
    ['approval:pending type:user', true],
    ['type:queue', false],
    ['cause:ErrorSendAsDenied', true],
    ['cause:ErrorAccessDenied', false],
    ['profile:any', true],
  ])('%j lets a mailbox through: %s', (text, passes) => {
    expect(matches(parseFilter(text), mailbox, 'p1')).toBe(passes);
  });

  it('lets nothing through for a profile that is not the mailbox’s', () => {
    expect(matches(parseFilter('profile:x'), mailbox, 'p2')).toBe(false);
    expect(matches(parseFilter('profile:x'), mailbox)).toBe(false);
  });
});

it.each([
  ['failed', 'failure'],
  ['kim Failures', 'failure'],
  ['succeeded', 'success'],
  ['status:failure', null],
  ['kim', null],
  ['', null],
])('the words %j may have meant the status %s', (text, status) => {
  expect(statusMeant(text)).toBe(status);
});

describe('a filter that is written', () => {
  it.each([
    '',
    'kim lee',
    '"all"',
    '"status:failure" "kim lee" """"',
    'status:failure incoming:success outgoing:notrun act:failure approval:empty type:queue state:inactive',
    'profile:"The ""old"" one"',
    'profile:""',
    'cause:ErrorSendAsDenied run:K7Q2',
    'request:K7Q2 decider:me',
    'request:"two words"',
  ])('is read as the same: %j', (text) => {
    const filter = parseFilter(text);
    expect(parseFilter(formatFilter(filter))).toEqual(filter);
    expect(formatFilter(parseFilter(formatFilter(filter)))).toBe(formatFilter(filter));
  });

  it('has the name of its profile in place of the id, whatever the name holds', () => {
    const names = { p1: 'x" status:failure "y' };
    const text = namedFilter('kim profile:"p1"', names);
    expect(parseFilter(text)).toEqual({ words: ['kim'], profile: names.p1 });
    expect(namedFilter('profile:"constructor"', names)).toBe('profile:"constructor"');
  });
});

describe('what is typed and what is chosen', () => {
  it.each([
    ['nothing changed', 'kim status:failure', 'kim status:failure', { status: 'failure' }, 'kim status:failure'],
    ['a choice changed', 'status:failure', 'status:failure', { status: 'success' }, 'status:success'],
    ['a choice was taken away', 'kim status:failure', 'kim status:failure', { status: '' }, 'kim'],
    ['the text changed', 'status:failure', 'status:success', { status: 'failure' }, 'status:success'],
    ['the text lost it', 'status:failure', 'kim', { status: 'failure' }, 'kim'],
    ['both changed', 'status:failure', 'kim status:notrun', { status: 'success' }, 'kim status:success'],
    ['several', '', 'kim', { type: 'queue', state: 'inactive' }, 'kim type:queue state:inactive'],
    ['a profile with a quote', '', '', { profile: 'a"b' }, 'profile:"a""b"'],
    ['keys without a choice', 'run:K7Q2', 'run:K7Q2 cause:ErrorSendAsDenied', {}, 'cause:errorsendasdenied run:K7Q2'],
  ])('are one filter: %s', (_what, before, typed, chosen, expected) => {
    expect(formatFilter(composeFilter(parseFilter(before), parseFilter(typed), chosen))).toBe(expected);
  });

  it('refuses a choice that no card offers', () => {
    expect(() => composeFilter(parseFilter(''), parseFilter(''), { status: 'x" type:"user' })).toThrow(
      expect.objectContaining({ code: 'filter.unknown-value' }),
    );
  });
});
