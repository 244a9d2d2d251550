import type { AllRecords } from './migrations.ts';

/*
 * Schema 3: mailboxes can be inactive and have a day of their own, email settings have all fields of the platform's page, and
 * a task knows its profile. Profiles may send by another server. Conversations know a time zone and a language. What is already there keeps its value; the values
 * are written out here and not taken from the model, which goes on changing.
 */

type Fields = Readonly<Record<string, unknown>>;

/** Records of schema 2 as records of schema 3. */
export function toSchema3(records: AllRecords): AllRecords {
  const mailboxes = records.get('mailbox');
  const changes: Readonly<Record<string, (key: string, value: Fields) => Fields>> = {
    mailbox: (_, value) => ({ state: 'active', processEmailsReceivedAfter: null, ...value }),
    profile: (_, value) => ({ outgoingServerLocation: null, ...value }),
    draft: (_, value) => ({ ...value, values: withOutgoing(value['values']) }),
    environment: (_, value) => ({ ...value, settings: withNewSettings(value['settings']) }),
    approvalRequest: (_, value) => ({
      questions: [],
      withdrawal: null,
      stage: 'open',
      // The first reminder is due a day after the request; of one that is decided, never.
      dueAt: value['pending'] === 0 ? null : Number(value['requestedAt']) + 86_400_000,
      ...value,
    }),
    settingsProposal: (_, value) => withBefore({ ...value, settings: withNewSettings(value['settings']) }),
    incident: (_, value) => ({
      handling: { revision: 1, acknowledged: null, assigned: null, quiet: null, muteAsked: null },
      wakeAt: null,
      profileIds: [value['profileId']],
      ...value,
    }),
    subscription: (_, value) => ({ profiles: {}, ...value }),
    conversation: (_, value) => ({ timeZone: null, language: null, ...value }),
    task: (_, value) => ({ profileId: profileOf(mailboxes, value), ...value }),
  };
  return new Map(
    [...records].map(([collection, table]) => {
      const change = changes[collection];
      if (change === undefined) return [collection, table];
      return [collection, new Map([...table].map(([key, value]) => [key, change(key, value as Fields)]))];
    }),
  );
}

/** Of a task that tests a mailbox; drafts have none. */
function profileOf(mailboxes: ReadonlyMap<string, object> | undefined, task: Fields): unknown {
  if (task['kind'] !== 'test-mailbox') return null;
  const mailbox = mailboxes?.get(`${String(task['environmentId'])}/${String(task['subjectId'])}`) as Fields | undefined;
  return mailbox?.['profileId'] ?? null;
}

const withOutgoing = (values: unknown): Fields => ({
  useSameSettingsForOutgoing: true,
  outgoingServerLocation: '',
  ...(values as Fields),
});

/** A proposal knew which approval requirements it switches off; now it knows the settings that it changes. */
function withBefore({ switchedOff = [], ...proposal }: Fields & { readonly settings: Fields }): Fields {
  const on = Object.fromEntries((switchedOff as readonly string[]).map((requirement) => [requirement, true]));
  return { before: { ...proposal.settings, ...on }, ...proposal };
}

const withNewSettings = (settings: unknown): Fields => ({
  emailConnectionChannel: 0,
  fourEyes: true,
  alertsForErrors: true,
  alertsForWarnings: true,
  alertsForInformation: true,
  notifyMailboxOwner: false,
  maxUploadFileSizeKb: 5120,
  blockedAttachments,
  ...(settings as Fields),
});

const blockedAttachments =
  'ade;adp;app;asa;ashx;asmx;asp;bas;bat;cdx;cer;chm;class;cmd;com;config;cpl;crt;csh;dll;exe;fxp;hlp;hta;htr;htw;ida;idc;idq;inf;ins;isp;its;jar;js;jse;ksh;lnk;mad;maf;mag;mam;maq;mar;mas;mat;mau;mav;maw;mda;mdb;mde;mdt;mdw;mdz;msc;msh;msh1;msh1xml;msh2;msh2xml;mshxml;msi;msp;mst;ops;pcd;pif;prf;prg;printer;pst;reg;rem;scf;scr;sct;shb;shs;shtm;shtml;soap;stm;svc;tmp;url;vb;vbe;vbs;vsmacros;vss;vst;vsw;ws;wsc;wsf;wsh';
