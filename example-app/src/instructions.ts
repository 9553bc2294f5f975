import path from 'node:path';

const MAKE_ADMIN = path.join(__dirname, 'makeAdmin.js');
const ALICE = { username: 'alice', password: 'a garden of live flowers' };
const BEARER = `-H "Authorization: Bearer $TOKEN"`;

/** Shell commands to try the application. */
export function instructions(url: string): string {
  const changePassword = `curl -s ${url}/password ${BEARER} ${json({ password: ALICE.password })}`;
  const takeTokens = `TOKEN=$(echo "$ANSWER" | ${read('access_token')})
REFRESH_TOKEN=$(echo "$ANSWER" | ${read('refresh_token')})`;
  return `
Open ${url} in a browser (${url}/api has the API), or paste into a shell:

# Sign up
curl -sw '\\n' ${url}/signup ${json(ALICE)}

# Make her an admin: not over HTTP, or anyone could
node '${MAKE_ADMIN}' alice

# Log in
ANSWER=$(curl -s ${url}/login ${json(ALICE)})
${takeTokens}

# Protected
curl -sw '\\n' ${url}/me
curl -sw '\\n' ${url}/me ${BEARER}

# Optional
curl -sw '\\n' ${url}/greeting
curl -sw '\\n' ${url}/greeting ${BEARER}

# For admins only
curl -sw '\\n' ${url}/admin/users ${BEARER}

# For fresh tokens only: changes the password (here to the same one). Ends every session and starts a new one
ANSWER=$(${changePassword})
curl -sw '\\n' ${url}/me ${BEARER}
${takeTokens}

# Refresh: exchanges the tokens for new ones. The access token is no longer fresh
ANSWER=$(curl -s -X POST ${url}/refresh -H "Authorization: Bearer $REFRESH_TOKEN")
${takeTokens}
curl -sw '\\n' ${url}/me ${BEARER}
${changePassword} -w '\\n'

# Where she is logged in
curl -sw '\\n' ${url}/sessions ${BEARER}

# Log out: revokes both tokens. To log out everywhere: curl -X DELETE ${url}/sessions
curl -sw '%{http_code}\\n' -X POST ${url}/logout ${BEARER}
curl -sw '\\n' ${url}/me ${BEARER}
`;
}

function read(key: string): string {
  return `node -p 'JSON.parse(fs.readFileSync(0)).${key}'`;
}

function json(body: object): string {
  return `-H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
}
