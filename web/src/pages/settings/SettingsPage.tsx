// What an admin keeps: receivers, tokens, subjects, and the policy that all can read.
import type { ComponentType } from "react";
import { Link, Redirect, useParams } from "wouter";

import type { Role } from "../../api/types";
import { PATHS } from "../../go";
import { State } from "../../parts/State";
import { usePage } from "../../parts/usePage";
import { useWho } from "../../session";
import { Policy } from "./Policy";
import { Subjects } from "./subjects/Subjects";
import { Tokens } from "./Tokens";
import { Webhooks } from "./webhooks/Webhooks";

const ALL: Role[] = ["viewer", "analyst", "admin", "auditor"];

const PARTS: { part: string; name: string; path: string; page: ComponentType; to: Role[] }[] = [
  {
    part: "webhooks",
    name: "Webhooks",
    path: "/v1/webhooks",
    page: Webhooks,
    to: ["admin", "auditor"],
  },
  { part: "tokens", name: "Tokens", path: "/v1/tokens", page: Tokens, to: ["admin"] },
  { part: "subjects", name: "Subjects", path: "/v1/subjects", page: Subjects, to: ALL },
  { part: "policy", name: "Policy", path: "/v1/policy", page: Policy, to: ALL },
];

export const SettingsPage = () => {
  usePage("Settings");
  const { part } = useParams();
  const { serves, may, session } = useWho();
  if (session === undefined) return null;
  const shown = PARTS.filter(({ path, to }) => serves(path) && may(...to));
  const now = shown.find((one) => one.part === part);
  const [first] = shown;
  if (!now && first) return <Redirect to={PATHS.settings(first.part)} replace />;
  return (
    <>
      <header className="page-head">
        <h1>Settings</h1>
        <nav className="views" aria-label="Parts of the settings">
          {shown.map((one) => (
            <Link
              key={one.part}
              href={PATHS.settings(one.part)}
              aria-current={one === now ? "page" : undefined}
            >
              {one.name}
            </Link>
          ))}
        </nav>
      </header>
      {now ? (
        <now.page />
      ) : (
        <State title="This indexer has no settings to show">
          <p>They are in its configuration file.</p>
        </State>
      )}
    </>
  );
};
