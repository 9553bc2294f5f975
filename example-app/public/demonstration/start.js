// Shows the guard at work. Delete this folder before you build on the example: see README.md.
import { startExperiments } from './experiments.js';
import { followToken } from './tokenPanel.js';
import { followWire } from './wirePanel.js';

followToken();
followWire(fetchRoutes());
startExperiments();

/** Not on the wire, which shows what the application does. There is no demonstration in production. */
async function fetchRoutes() {
  const answer = await fetch('/demonstration/routes');
  if (!answer.ok) return [];
  document.documentElement.classList.add('has-demonstration');
  for (const part of document.querySelectorAll('.demonstration')) part.hidden = false;
  return answer.json();
}
