import { createHash } from 'node:crypto';
import { secretKind, type SecretKind } from '../../cards/secret-kind.ts';
import { formatTimeOfDay } from '../../locales/format-time.ts';
import { languageOf, translate, type TextParams } from '../../locales/translate.ts';
import { hostOf, outgoingHostOf, searchedDomain, type SecretTarget } from '../../services/model/secret-target.ts';

/*
 * The pages of the one-time form, and the frame of the download's: no script, no image, nothing from elsewhere. Teams opens the link in whatever browser
 * the person has, often on a phone.
 */

const style = `
:root {
  color-scheme: light dark;
  --page: #f5f5f5; --card: #ffffff; --line: #d1d1d1; --text: #242424; --quiet: #616161;
  --brand: #4f52b2; --on-brand: #ffffff; --error: #c4314b; --error-soft: #fcf4f6; --field: #767676;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #141414; --card: #242424; --line: #3d3d3d; --text: #ffffff; --quiet: #adadad;
    --brand: #7f85f5; --on-brand: #141414; --error: #f1707b; --error-soft: #3a1a1e; --field: #9a9a9a;
  }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 1.5rem 1rem; background: var(--page); color: var(--text); font: 1rem/1.5 'Segoe UI', system-ui, -apple-system, 'Noto Sans', sans-serif; }
main { max-width: 32rem; margin: 0 auto; padding: 1.25rem 1.5rem 1.75rem; border: 1px solid var(--line); border-top: 4px solid var(--brand); border-radius: 8px; background: var(--card); }
.brand { margin: 0; color: var(--brand); font-weight: 700; }
h1 { margin: .25rem 0 1rem; font-size: 1.5rem; line-height: 1.25; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 0 0 1rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
label { display: block; margin: 1.25rem 0 .25rem; font-weight: 600; overflow-wrap: anywhere; }
input { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; border: 1px solid var(--field); border-radius: 4px; background: var(--card); color: inherit; font: inherit; }
button { min-height: 2.75rem; margin-top: 1rem; padding: .5rem 1.5rem; border: 0; border-radius: 4px; background: var(--brand); color: var(--on-brand); font: inherit; font-weight: 600; cursor: pointer; }
input[type='file'] { padding: .625rem .75rem; }
input:focus-visible, button:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px; }
.quiet { margin: .75rem 0 0; color: var(--quiet); font-size: .875rem; overflow-wrap: anywhere; }
.problem { margin: 0 0 1rem; padding: .5rem .75rem; border-left: 4px solid var(--error); background: var(--error-soft); }
.code { width: fit-content; margin: 0 0 1rem; padding: .25rem .75rem .25rem 1.5rem; border: 1px solid var(--line); border-radius: 8px; background: var(--page); font: 700 3.5rem/1.3 ui-monospace, Consolas, monospace; letter-spacing: .25em; user-select: all; -webkit-user-select: all; }
@media (max-width: 28rem) { body { padding: 0; } main { border-width: 4px 0 0; border-radius: 0; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/**
 * Allows the inline style by its hash, the form to this address, and nothing else
 * (developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy).
 */
export const formPageCsp = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

export interface FormView {
  readonly target: SecretTarget;
  readonly ownerName: string;
  readonly expiresAt: number;
  readonly now: number;
  /** Of the owner; null: UTC. */
  readonly timeZone: string | null;
  readonly maxLength: number;
  /** Goes back with the post. */
  readonly check: string;
  readonly problem: FormProblem | null;
}

/** What is wrong, and with which field. */
export interface FormProblem {
  readonly field: 'password' | 'file';
  readonly text: string;
}

/** The form itself: what it asks for and where that will go, who asked, until when. */
export function formPage(locale: string, view: FormView): string {
  const say = htmlSpeaker(locale);
  const kind = secretKind(view.target);
  const { ownerName: owner, problem } = view;
  const minutes = Math.max(1, Math.ceil((view.expiresAt - view.now) / 60_000));
  const until = new Date(view.expiresAt).toISOString();
  const time = formatTimeOfDay(locale, view.expiresAt, view.timeZone);
  const facts = factsOf(say, view.target).map(([key, text]) => `<dt>${say(key)}</dt><dd>${text}</dd>\n`);
  const told = problem === null ? '' : `<p class="problem" id="problem" role="alert">${escapeHtml(problem.text)}</p>\n`;
  const fields = kind === 'certificate' ? certificateFields(say, view) : secretField(say, view);
  return page(
    locale,
    `form.${kind}.title`,
    `<dl>
${facts.join('')}<dt>${say('form.asked-by')}</dt><dd>${say('form.asked-by.value', { owner })}</dd>
<dt>${say('form.until')}</dt><dd><time datetime="${until}">${say('form.until.value', { time, minutes })}</time></dd>
</dl>
<form method="post" autocomplete="off"${kind === 'certificate' ? ' enctype="multipart/form-data"' : ''}>
<input type="hidden" name="check" value="${escapeHtml(view.check)}">
${told}${fields}
<button type="submit">${say(`form.${kind}.send`)}</button>
<p class="quiet" id="hint">${hintOf(say, view.target)}</p>
<p class="quiet">${say('form.not-you')}</p>
</form>`,
  );
}

function secretField(say: Say, view: FormView): string {
  const { account, parties, scheme } = view.target;
  const label =
    scheme === 'key-vault' ? say('form.clientSecret', { app: parties[4] ?? '' }) : say('form.password', { account });
  return `<label for="password">${label}</label>
<input id="password" name="password" type="password" required autofocus ${typed(view)} ${about(view, 'password')}>`;
}

/** The password may stay empty: PEM and what Key Vault exports have none. */
function certificateFields(say: Say, view: FormView): string {
  return `<label for="file">${say('form.file')}</label>
<input id="file" name="file" type="file" required autofocus accept=".pfx,.p12,.pem,.key,.crt,.cer" ${about(view, 'file')}>
<label for="password">${say('form.file-password')}</label>
<input id="password" name="password" type="password" ${typed(view)} ${about(view, 'password')}>`;
}

const typed = ({ maxLength }: FormView): string =>
  `maxlength="${maxLength}" autocomplete="off" autocapitalize="none" spellcheck="false"`;

/** What belongs to a field: the hint, and the problem when it is about this one. */
function about({ problem }: FormView, field: FormProblem['field']): string {
  return problem?.field === field ? 'aria-invalid="true" aria-describedby="problem hint"' : 'aria-describedby="hint"';
}

/** What the secret is for: keys of labels, and HTML. */
function factsOf(say: Say, target: SecretTarget): readonly (readonly [string, string])[] {
  const { host, account, scheme, parties } = target;
  const domain = searchedDomain(host);
  const outgoing = outgoingHostOf(target);
  const servers: (readonly [string, string])[] = [
    ['form.server', domain === null ? escapeHtml(host) : say('form.server.searched', { domain })],
    ...(outgoing === null ? [] : [['form.outgoing-server', escapeHtml(outgoing)] as const]),
  ];
  if (scheme === 'basic' || scheme === 'ntlm') return [...servers, ['form.account', escapeHtml(account)]];
  const [tenant = '', , vaultUrl = '', certificateName = ''] = parties.map(escapeHtml);
  const facts = [...servers, ['form.app', escapeHtml(account)], ['form.tenant', tenant]] as const;
  if (scheme === 'certificate') return facts;
  return [...facts, ['form.vault', hostOf(vaultUrl)], ['form.vault-certificate', certificateName]];
}

/** Where it goes, and where it does not. */
function hintOf(say: Say, target: SecretTarget): string {
  const { host, scheme } = target;
  const [tenant = ''] = target.parties;
  const domain = searchedDomain(host);
  const outgoing = outgoingHostOf(target);
  if (scheme === 'certificate') return say('form.certificate.hint', { tenant });
  if (scheme === 'key-vault') return say('form.clientSecret.hint', { tenant });
  if (outgoing !== null) return say('form.password.hint-both', { host, outgoing });
  return domain === null ? say('form.password.hint', { host }) : say('form.password.hint-searched', { domain });
}

/** After the post: the code that proves in chat that the same person did both. One click selects it. */
export function codePage(locale: string, kind: SecretKind, code: string, minutes: number): string {
  const say = htmlSpeaker(locale);
  return page(
    locale,
    'form.code.title',
    `<p class="code" aria-label="${escapeHtml(code.split('').join(' '))}">${escapeHtml(code)}</p>
<p>${say('form.code.arrived', { kind, minutes })}</p>
<p class="quiet">${say('form.code.close')}</p>`,
  );
}

/** Something is wrong, and what to do about it: `form.NAME.title` and `form.NAME.next`. */
export function problemPage(locale: string, name: string, params: TextParams): string {
  const next = htmlSpeaker(locale)(`form.${name}.next`, params);
  return page(locale, `form.${name}.title`, `<p class="problem" role="alert">${next}</p>`);
}

/** The frame of every page; `body` is HTML. */
export function page(locale: string, titleKey: string, body: string): string {
  const say = htmlSpeaker(locale);
  return `<!doctype html>
<html lang="${languageOf(locale)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${say('form.tab', { title: translate(locale, titleKey) })}</title>
<style>${style}</style>
</head>
<body>
<main>
<p class="brand">${say('form.brand')}</p>
<h1>${say(titleKey)}</h1>
${body}
</main>
</body>
</html>
`;
}

type Say = (key: string, params?: TextParams) => string;

/** Sentences for HTML: what stands in them, names of people and servers included, is escaped as a whole. */
export function htmlSpeaker(locale: string): Say {
  return (key, params) => escapeHtml(translate(locale, key, params));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
