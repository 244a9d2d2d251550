import { createHash } from 'node:crypto';

/*
 * The pages of the one-time form: no script, no image, nothing from elsewhere. Teams opens the link in whatever browser
 * the person has, often on a phone.
 */

const style = `
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 2rem auto; padding: 0 1rem; }
dt { font-weight: 600; } dd { margin: 0 0 .75rem; overflow-wrap: anywhere; }
label { display: block; font-weight: 600; margin: 1rem 0 .25rem; }
input { font: inherit; width: 100%; box-sizing: border-box; padding: .6rem; border: 1px solid #767676; border-radius: 4px; }
button { font: inherit; font-weight: 600; margin-top: 1rem; padding: .7rem 1.4rem; border: 0; border-radius: 4px; background: #4f52b2; color: #fff; }
input:focus-visible, button:focus-visible { outline: 3px solid #b45309; outline-offset: 2px; }
.problem { border-left: 4px solid #c4314b; padding: .25rem 0 .25rem .75rem; }
.code { font: 700 3.5rem/1.2 ui-monospace, monospace; letter-spacing: .3em; margin: 1rem 0; }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/**
 * Allows the inline style by its hash, the form to this address, and nothing else
 * (developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy).
 */
export const formPageCsp = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

export interface FormView {
  readonly host: string;
  readonly userName: string;
  readonly ownerName: string;
  readonly expiresAt: number;
  readonly now: number;
  readonly maxLength: number;
  /** Goes back with the post. */
  readonly check: string;
  readonly problem: string | null;
}

/** The form itself: for which server and account, who asked, until when. */
export function formPage(view: FormView): string {
  const minutes = Math.max(1, Math.ceil((view.expiresAt - view.now) / 60_000));
  const until = new Date(view.expiresAt);
  const problem =
    view.problem === null ? '' : `<p class="problem" id="problem" role="alert">${escapeHtml(view.problem)}</p>`;
  const described = view.problem === null ? 'hint' : 'problem hint';
  return page(
    'Password for the email server',
    `<h1>Password for the email server</h1>
<dl>
<dt>Server</dt><dd>${escapeHtml(view.host)}</dd>
<dt>Account</dt><dd>${escapeHtml(view.userName)}</dd>
<dt>Asked for by</dt><dd>${escapeHtml(view.ownerName)}, in a chat with Mailroom</dd>
<dt>This page works until</dt><dd><time datetime="${until.toISOString()}">${until.toISOString().slice(11, 16)} UTC</time> (${minutes} ${minutes === 1 ? 'minute' : 'minutes'}), and once</dd>
</dl>
${problem}
<form method="post" autocomplete="off">
<input type="hidden" name="check" value="${escapeHtml(view.check)}">
<label for="password">Password of ${escapeHtml(view.userName)}</label>
<input id="password" name="password" type="password" required maxlength="${view.maxLength}" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="${described}">
<p id="hint">It is stored encrypted, is sent only to ${escapeHtml(view.host)}, and is used only after you confirm it in Teams. If you did not ask for this page, close it.</p>
<button type="submit">Send the password</button>
</form>`,
  );
}

/** After the post: the code that proves in chat that the same person did both. */
export function codePage(code: string): string {
  return page(
    'Type this code in Teams',
    `<h1>Type this code in Teams</h1>
<p class="code" aria-label="${escapeHtml(code.split('').join(' '))}">${escapeHtml(code)}</p>
<p>The password has arrived. It is used only after you enter this code in your chat with Mailroom, within 10 minutes. Then close this page.</p>`,
  );
}

/** Something is wrong, and what to do about it. */
export function problemPage(title: string, nextStep: string): string {
  return page(title, `<h1>${escapeHtml(title)}</h1>\n<p class="problem" role="alert">${escapeHtml(nextStep)}</p>`);
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)} - Mailroom</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
