// Who works at the desk, each with a token of their own.

const ROLES = { alice: "analyst", bob: "analyst", dora: "admin", gwen: "admin", erin: "auditor" };

/** A token for each of them, made by the operator's verb. */
export const people = async (site) => {
  const tokens = {};
  for (const [person, role] of Object.entries(ROLES)) {
    const words = ["tokens", "create", "--person", person, "--role", role, "--days", "1"];
    tokens[person] = (await site.program.verb(...words)).split("\n").at(-1);
  }
  return tokens;
};

/** Signs in as a person does: by the page, with the token. */
export const enter = async (page, url, token) => {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${url}/`);
};
