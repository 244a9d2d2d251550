/**
 * Makes an element. Keys of `props` that are no property of the element become attributes; children may be strings,
 * which are never parsed as HTML.
 */
export function element(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key in node && typeof value !== 'string') node[key] = value;
    else node.setAttribute(key === 'className' ? 'class' : key, value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null));
  return node;
}

/** Puts `wanted` into `parent` in this order and removes the rest. A node that is already in place is not touched: moving it would take the focus from its inputs. */
export function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of Array.from(parent.children)) if (!keep.has(child)) child.remove();
  let cursor = parent.firstElementChild;
  for (const node of wanted) {
    if (node === cursor) cursor = cursor.nextElementSibling;
    else parent.insertBefore(node, cursor);
  }
}

/** Sends an act to the control API. Resolves with its result, or throws an error with the sandbox's words. */
export async function act(body) {
  const response = await fetch('/api/act', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error?.message ?? `The sandbox answered ${response.status}.`);
  return answer.result;
}

/** Copies and says so on the button itself, for a moment. */
export function copyButton(label, value) {
  const button = element('button', { type: 'button', className: 'copy', title: `Copy: ${label}` }, label);
  button.addEventListener('click', () => {
    void navigator.clipboard.writeText(value).then(
      () => flash(button, 'Copied'),
      () => flash(button, 'Copy by hand'),
    );
  });
  return button;
}

function flash(button, text) {
  const before = button.dataset.label ?? button.textContent;
  button.dataset.label = before;
  button.textContent = text;
  setTimeout(() => {
    button.textContent = before;
  }, 1500);
}
