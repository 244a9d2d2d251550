import { describe, expect, it, test } from 'vitest';
import { vendorBlockedAttachments } from '../../services/model/blocked-attachments.ts';
import { initialEmailSettings, type EmailSettings } from '../../services/model/environment.ts';
import { readSettings, type SettingsField } from '../../services/model/settings-input.ts';
import { sectionFields, formSections } from '../../services/model/settings-section.ts';
import { weakenedControls } from '../../services/model/weakened-controls.ts';

interface Column {
  /** What is typed, and exactly what is stored. */
  readonly right: readonly (readonly [typed: unknown, stored: unknown])[];
  /** What is typed, and the code that refuses it. */
  readonly wrong: readonly (readonly [typed: unknown, code: string])[];
}

const invalid = 'settings.invalid';

function numbers(allowed: readonly number[], others: readonly unknown[]): Column {
  return {
    right: allowed.flatMap((value) => [
      [String(value), value],
      [value, value],
    ]),
    wrong: [...others, '', ' 0', '0x0', null, [0], { valueOf: () => 0 }, 'constructor', true].map((typed) => [
      typed,
      invalid,
    ]),
  };
}

const toggle: Column = {
  right: [
    ['true', true],
    ['false', false],
    [true, true],
    [false, false],
  ],
  wrong: ['', 'on', 'TRUE', 'perhaps', 0, 1, null, {}, ['true']].map((typed) => [typed, invalid]),
};

const notANumber = 'settings.size-not-a-number';
const outOfRange = 'settings.size-out-of-range';
const illegal = 'settings.extension-invalid';
const tooLong = 'settings.extensions-too-long';
const many = (count: number): string => Array.from({ length: count }, (_, index) => `e${1000 + index}`).join(';');

/** Every field of the form: valid, at its boundaries, and each kind of wrong value (dynamics facts §5). */
const table: Readonly<Record<SettingsField, Column>> = {
  emailConnectionChannel: numbers([0, 1], ['2', '-1', 2, 0.5]),
  defaultProfileId: {
    right: [
      ['p1', 'p1'],
      ['none', null],
      ['', null],
    ],
    wrong: ['forged', 'P1', 'p1 ', null, 7, ['p1'], { id: 'p1' }, '__proto__'].map((typed) => [typed, invalid]),
  },
  incomingMethod: numbers([0, 1, 2, 3], ['4', '-1', 2.5]),
  outgoingMethod: numbers([0, 1, 2], ['3', '-1', 1.5]),
  actMethod: numbers([0, 1, 2], ['3', '-1', 1.5]),
  requireApprovalForUsers: toggle,
  requireApprovalForQueues: toggle,
  fourEyes: toggle,
  selfApproval: toggle,
  allowAdBasedAuthenticationProtocols: toggle,
  alertsForErrors: toggle,
  alertsForWarnings: toggle,
  alertsForInformation: toggle,
  notifyMailboxOwner: toggle,
  maxUploadFileSizeKb: {
    right: [
      ['1', 1],
      [' 5120 ', 5120],
      ['131072', 131_072],
      ['32768.0', 32_768],
      [131_072, 131_072],
    ],
    wrong: [
      ['', notANumber],
      ['5 MB', notANumber],
      ['1e3', notANumber],
      ['0x10', notANumber],
      ['1.5', notANumber],
      ['1,000', notANumber],
      ['NaN', notANumber],
      ['١٢٣', notANumber],
      [null, notANumber],
      [[5120], notANumber],
      [Number.POSITIVE_INFINITY, notANumber],
      ['9'.repeat(400), notANumber],
      ['0', outOfRange],
      ['-1', outOfRange],
      ['131073', outOfRange],
    ],
  },
  blockedAttachments: {
    right: [
      ['exe', 'exe'],
      ['', ''],
      [' ; , ', ''],
      ['.EXE; *.bat,  js\n\tvbs;', 'exe;bat;js;vbs'],
      ['exe;EXE;.exe;bat', 'exe;bat'],
      ['c++;7z;a_b;a-b', 'c++;7z;a_b;a-b'],
      ['e'.repeat(32), 'e'.repeat(32)],
      [vendorBlockedAttachments, vendorBlockedAttachments],
      [many(666), many(666)],
    ],
    wrong: [
      ['ex/e', illegal],
      ['exe;<script>', illegal],
      ['exe;..\\x', illegal],
      ['tar.gz', illegal],
      ['*', illegal],
      ['выполнить', illegal],
      ['exe\u202e', illegal],
      ['e'.repeat(33), illegal],
      [7, illegal],
      [null, illegal],
      [many(801), tooLong],
      // Of the same type again and again nothing would be left; but what was typed may have been cut on the way.
      ['exe;'.repeat(1001), tooLong],
    ],
  },
  organizationStamp: toggle,
};

const profiles = new Set(['p1']);

describe.each(Object.entries(table))('%s', (name, { right, wrong }) => {
  const field = name as SettingsField;

  test.each(right)('%j is stored as %j, and nothing else changes', (typed, stored) => {
    expect(readSettings(initialEmailSettings, { [field]: typed }, profiles)).toEqual({
      settings: { ...initialEmailSettings, [field]: stored },
      problems: {},
    });
  });

  test.each(wrong)('%j is refused beside the field: %s', (typed, code) => {
    const { settings, problems } = readSettings(initialEmailSettings, { [field]: typed }, profiles);
    expect(settings).toEqual(initialEmailSettings);
    expect(Object.keys(problems)).toEqual([field]);
    expect(problems[field]?.code).toBe(code);
  });
});

it('says of each wrong field what is wrong, and takes the right ones', () => {
  const { settings, problems } = readSettings(
    initialEmailSettings,
    { maxUploadFileSizeKb: '0', blockedAttachments: 'a/b', actMethod: '9', incomingMethod: '0' },
    profiles,
  );
  expect(Object.fromEntries(Object.entries(problems).map(([field, { code }]) => [field, code]))).toEqual({
    maxUploadFileSizeKb: outOfRange,
    blockedAttachments: illegal,
    actMethod: invalid,
  });
  expect(settings).toEqual({ ...initialEmailSettings, incomingMethod: 0 });
});

it('ignores what is no field of the form', () => {
  const inputs = { environmentId: 'other', __proto__: { actMethod: '0' }, revision: '9' };
  expect(readSettings(initialEmailSettings, inputs, profiles)).toEqual({
    settings: initialEmailSettings,
    problems: {},
  });
});

it('has each field on exactly one page', () => {
  const onPages = formSections.flatMap((section): readonly string[] => sectionFields[section]);
  expect(onPages.toSorted()).toEqual(Object.keys(table).toSorted());
});

describe('a change weakens a control', () => {
  const weakened = (before: Partial<EmailSettings>, after: Partial<EmailSettings>): string[] =>
    weakenedControls({ ...initialEmailSettings, ...before }, { ...initialEmailSettings, ...after });

  it.each([
    [{ requireApprovalForUsers: false }, ['requireApprovalForUsers']],
    [{ requireApprovalForQueues: false }, ['requireApprovalForQueues']],
    [{ fourEyes: false }, ['fourEyes']],
    [{ alertsForErrors: false }, ['alertsForErrors']],
    [{ blockedAttachments: '' }, ['blockedAttachments']],
    [{ blockedAttachments: `${vendorBlockedAttachments.replace('exe;', '')};new` }, ['blockedAttachments']],
    [{ alertsForErrors: false, requireApprovalForUsers: false }, ['requireApprovalForUsers', 'alertsForErrors']],
    [{ blockedAttachments: `${vendorBlockedAttachments};new` }, []],
    [{ blockedAttachments: vendorBlockedAttachments.split(';').toReversed().join(';') }, []],
    [{ alertsForWarnings: false, alertsForInformation: false }, []],
    [{ allowAdBasedAuthenticationProtocols: true, maxUploadFileSizeKb: 131_072 }, []],
    [{ emailConnectionChannel: 1, organizationStamp: true }, ['emailConnectionChannel']],
  ] as const)('%j: %j', (after, controls) => {
    expect(weakened({}, after)).toEqual(controls);
    // The way back strengthens it.
    expect(weakened(after, {}).filter((control) => controls.some((one) => one === control))).toEqual(
      'blockedAttachments' in after && after.blockedAttachments.endsWith(';new') && controls.length > 0 ? controls : [],
    );
  });
});
