// What an admin keeps: receivers, tokens, subjects, and the policy that all can read.
import type { ComponentType } from "react";
import { Link, Redirect, useParams } from "wouter";

import { PATHS } from "../../go";
import { State } from "../../parts/State";
import { usePage } from "../../parts/usePage";
import { useWho } from "../../session";
import { Policy } from "./Policy";
import { Subjects } from "./Subjects";
import { Tokens } from "./Tokens";
import { Webhooks } from "./Webhooks";

const PARTS: { part: string; name: string; path: string; page: ComponentType; open: boolean }[] = [
  { part: "webhooks", name: "Webhooks", path: "/v1/webhooks", page: Webhooks, open: false },
  { part: "tokens", name: "Tokens", path: "/v1/tokens", page: Tokens, open: false },
  { part: "subjects", name: "Subjects", path: "/v1/subjects", page: Subjects, open: true },
  { part: "policy", name: "Policy", path: "/v1/policy", page: Policy, open: true },
];

export const SettingsPage = () => {
  usePage("Settings");
  const { part } = useParams();
  const { serves, may, session } = useWho();
  if (session === undefined) return null;
  const shown = PARTS.filter(({ path, open }) => serves(path) && (open || may("admin", "auditor")));
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
