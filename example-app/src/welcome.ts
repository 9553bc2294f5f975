/** What `npm start` prints. */
export function welcome(url: string): string {
  return [
    `The example application runs on ${url}`,
    `Its API, to try in a browser:  ${url}/api`,
    'A tour with curl:              example-app/README.md',
    'Sign up, then make an admin:   npm run make-admin --workspace example-app -- NAME',
    'Stop it with Ctrl+C',
  ].join('\n');
}
