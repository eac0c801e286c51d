// A real identity provider (npm oidc-provider) for tests: the client "lotsen", users with each role, a small form.
// node provider.mjs MODULES SETTINGS: the folder with node_modules, and JSON: {redirects, after, secret, idToken, port}.
// Prints its issuer on one line when it answers.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, written] = process.argv.slice(2);
const settings = JSON.parse(written);
const main = join(modules, 'node_modules', 'oidc-provider', 'lib', 'index.js');
console.warn = () => {}; // It warns of what only matters to a provider that is not for tests.
console.info = () => {};
const { default: Provider } = await import(pathToFileURL(main));

const USERS = {
  agnes: { name: 'Agnes Agent', roles: ['agent'] },
  abel: { name: 'Abel Agent', roles: ['agent'] },
  linnea: { name: 'Linnéa Ledare', roles: ['lead'] },
  olle: { name: 'Olle Ägare', roles: ['owner'] },
  rut: { name: 'Rut Revisor', roles: ['auditor'] },
  vera: { name: 'Vera Flera', roles: ['agent', 'owner', 'something-else'] },
  nils: { name: 'Nils Nykomling', roles: [] },
};

const configuration = {
  clients: [
    {
      client_id: 'lotsen',
      client_secret: settings.secret,
      grant_types: ['authorization_code'],
      response_types: ['code'],
      redirect_uris: settings.redirects,
      post_logout_redirect_uris: settings.after,
      token_endpoint_auth_method: 'client_secret_basic',
    },
  ],
  pkce: { required: () => true },
  scopes: ['openid', 'profile'],
  claims: { openid: ['sub'], profile: ['name', 'roles'] },
  conformIdTokenClaims: !settings.idToken, // True: name and roles are at userinfo only, as the standard has it.
  cookies: { keys: ['only for tests'] },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = page('Sign out', `${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`);
      },
    },
  },
  findAccount: (ctx, id) =>
    USERS[id] && { accountId: id, claims: async () => ({ sub: id, ...USERS[id] }) },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid profile');
    await grant.save();
    return grant;
  },
  ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Interaction: 600, Session: 3600, Grant: 3600 },
};

function page(title, body) {
  return `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1>${body}</body></html>`;
}

async function interaction(provider, request, response) {
  if (request.method === 'GET') {
    await provider.interactionDetails(request, response);
    const form = '<form method="post"><label>User <input name="login" autofocus></label> <button>Sign in</button></form>';
    const cancel = '<form method="post"><button name="cancel" value="yes">Cancel</button></form>';
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' });
    response.end(page('Sign in for tests', form + cancel));
    return;
  }
  let body = '';
  for await (const part of request) body += part;
  const fields = new URLSearchParams(body);
  const result = fields.get('cancel')
    ? { error: 'access_denied', error_description: 'The user cancelled.' }
    : { login: { accountId: fields.get('login') } };
  if (result.login && !USERS[result.login.accountId]) {
    response.writeHead(400, { 'Content-Type': 'text/html; charset=utf-8' });
    response.end(page('No such user', ''));
    return;
  }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const server = createServer();
server.listen(settings.port || 0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration);
  const serve = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return serve(request, response);
    return interaction(provider, request, response).catch((error) => {
      response.writeHead(400, { 'Content-Type': 'text/plain' });
      response.end(String(error));
    });
  });
  process.stdout.write(`${issuer}\n`);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0)); // It ends with who started it.
