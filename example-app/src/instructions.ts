import { demoUsers } from './users/demoUsers';

const BEARER = `-H "Authorization: Bearer $TOKEN"`;

/** What there is to try, as lines to paste into a shell. */
export function instructions(url: string): string {
  const [{ name: username, password }] = demoUsers;
  const changePassword = `curl -sw '%{http_code}\\n' ${url}/password ${BEARER} ${json({ password })}`;
  return `
Listening on ${url}

# Log in as alice, who is an admin
ANSWER=$(curl -s ${url}/login ${json({ username, password })})
TOKEN=$(echo "$ANSWER" | ${read('access_token')})
REFRESH_TOKEN=$(echo "$ANSWER" | ${read('refresh_token')})

# Protected
curl -sw '\\n' ${url}/me
curl -sw '\\n' ${url}/me ${BEARER}

# Optional
curl -sw '\\n' ${url}/greeting
curl -sw '\\n' ${url}/greeting ${BEARER}

# For admins only
curl -sw '\\n' ${url}/admin/users ${BEARER}

# For fresh tokens only: changes the password, here to what it is
${changePassword}

# Refresh: gives a token that is not fresh
TOKEN=$(curl -s -X POST ${url}/refresh -H "Authorization: Bearer $REFRESH_TOKEN" | ${read('access_token')})
curl -sw '\\n' ${url}/me ${BEARER}
${changePassword}
`;
}

function read(key: string): string {
  return `node -p 'JSON.parse(fs.readFileSync(0)).${key}'`;
}

function json(body: object): string {
  return `-H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
}
