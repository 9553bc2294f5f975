import { browserName } from './browserName.js';

let count = 0;

/** One line of the list of sessions, with a button to end it. */
export function sessionItem({ isThis, started, refreshed, userAgent }) {
  const name = element('strong', {}, browserName(userAgent));
  const when = element('p', { class: 'hint', id: `session-times-${++count}` });
  when.append('Started ', time(started), ', last refreshed ', time(refreshed));
  const about = element('div');
  about.append(name, isThis ? ' (this device)' : '', when);
  const button = element(
    'button',
    // Visible labels are all the same; screen readers announce which session it is.
    { type: 'button', 'aria-label': `End ${name.textContent}`, 'aria-describedby': when.id },
    'End',
  );
  const item = element('li', isThis ? { 'aria-current': 'true' } : {});
  item.append(about, button);
  return item;
}

function time(iso) {
  const text = new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  return element('time', { datetime: iso }, text);
}

function element(tag, attributes = {}, text = '') {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}
