// A real OpenID Connect provider (npm oidc-provider) on a port of its own. One JSON argument:
// { "modules": folder with node_modules, "redirect_uri": ..., "people": { login: claims } }.
// It prints its issuer when it listens. Its own development pages ask for a login (any password) and for consent.
import { createRequire } from "node:module";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const wanted = JSON.parse(process.argv[2]);
const require = createRequire(join(wanted.modules, "package.json"));
const { Provider } = await import(pathToFileURL(require.resolve("oidc-provider")).href);

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "postroom",
      client_secret: "a-secret-of-the-client-that-is-long-enough",
      redirect_uris: [wanted.redirect_uri],
      post_logout_redirect_uris: [new URL("/account/login/", wanted.redirect_uri).href],
      response_types: ["code"],
      grant_types: ["authorization_code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
  scopes: ["openid", "email", "profile", "groups"],
  pkce: { required: () => true },
  cookies: { keys: ["tests-only"] },
  async findAccount(_context, login) {
    const claims = wanted.people[login];
    return claims && { accountId: login, claims: async () => ({ sub: login, ...claims }) };
  },
});
server.on("request", provider.callback());
console.log(issuer);
