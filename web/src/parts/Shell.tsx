// What stands around each page: where one can go, who one is, and how the indexer stands.
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";

import { change, getHealth } from "../api/ask";
import { listen, useLine } from "../api/live";
import type { Health } from "../api/types";
import { BLOCKS, useAsk } from "../api/useAsk";
import { grouped } from "../format/number";
import { PATHS } from "../go";
import { useKeys } from "../keys/useKeys";
import { useWho } from "../session";
import { applyTheme, type Theme, theme } from "../theme";
import { KeysHelp } from "./KeysHelp";

const ICONS: Record<string, string> = {
  Inbox: "M2 9h3.5l1 2h3l1-2H14M2 9l2-6h8l2 6v4H2z",
  Screen: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5 14 14",
  List: "M2.5 4h2M2.5 8h2M2.5 12h2M7 4h6.5M7 8h6.5M7 12h6.5",
  Health: "M1.5 8.5h3l2-5 3 9 2-4h3",
  Audit: "M4 2h6l3 3v9H4zM6.5 8h4M6.5 11h4",
  Settings: "M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7M9 3v3h3V3zM4 10v3h3v-3z",
};

const useNav = () => {
  const { serves: told, may, session } = useWho();
  // Until it is known what is served, all stands there: so that nothing moves when it is.
  const serves = (path: string) => session === undefined || told(path);
  return [
    { name: "Inbox", href: PATHS.inbox, key: "i", at: ["/", "/alerts"], shown: true },
    {
      name: "Screen",
      href: PATHS.screen,
      key: "s",
      at: ["/screen", "/addresses"],
      shown: serves("/v1/screen"),
    },
    { name: "List", href: PATHS.list, key: "l", at: ["/list"], shown: serves("/v1/list") },
    { name: "Health", href: PATHS.health, key: "h", at: ["/health"], shown: true },
    {
      name: "Audit",
      href: PATHS.audit,
      key: "o",
      at: ["/audit"],
      shown: serves("/v1/audit") && may("auditor"),
    },
    {
      name: "Settings",
      href: PATHS.settings("webhooks"),
      key: "t",
      at: ["/settings"],
      shown: serves("/v1/policy"),
    },
  ].filter((item) => item.shown);
};

const stands = (here: string, at: string[]) =>
  at.some((path) => (path === "/" ? here === "/" : here === path || here.startsWith(`${path}/`)));

const ThemeSwitch = () => {
  const [now, setNow] = useState<Theme>(theme);
  const names: [Theme, string][] = [
    ["system", "Auto"],
    ["light", "Light"],
    ["dark", "Dark"],
  ];
  return (
    <fieldset className="switch">
      <legend className="unseen">Colours</legend>
      {names.map(([value, name]) => (
        <label key={value}>
          <input
            type="radio"
            name="theme"
            className="unseen"
            checked={now === value}
            onChange={() => {
              applyTheme(value);
              setNow(value);
            }}
          />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
  );
};

const Person = () => {
  const { session, again } = useWho();
  const [, go] = useLocation();
  if (session === undefined) return <p className="person" />;
  if (session === null || session.person === "anonymous") {
    return (
      <p className="person">
        <span>Not signed in</span>
        <Link href={PATHS.signIn}>Sign in</Link>
      </p>
    );
  }
  const leave = async () => {
    await change("DELETE", "/v1/session").catch(() => undefined);
    again();
    go(PATHS.signIn);
  };
  return (
    <p className="person">
      <span>
        <b>{session.person}</b> <span className="soft">{session.role}</span>
      </span>
      <button type="button" className="link" onClick={leave}>
        Sign out
      </button>
    </p>
  );
};

const LINE = {
  live: "live",
  asking: "asking every 3 s",
  lost: "trying to reach it again",
};

const useHealth = () => useAsk<Health>("/readyz", {}, { on: BLOCKS, ask: getHealth });

/** One line, on every page: does it follow the chain, and how far is it. */
const Standing = ({ asked }: { asked: ReturnType<typeof useHealth> }) => {
  const line = useLine();
  const { data: health, problem } = asked;
  const red = problem
    ? problem.kind !== "signed_out" && problem.kind !== "forbidden"
    : health && !health.ready;
  const word = problem
    ? problem.kind === "offline"
      ? "No answer"
      : "Not known"
    : !health
      ? "Asking"
      : !health.ready
        ? "Not following the chain"
        : (health.lag ?? 0) > 1
          ? "Catching up"
          : "Following the chain";
  return (
    <p className="standing" role="status">
      <span className={red ? "dot bad" : "dot"} aria-hidden="true" />
      <b>{word}</b>
      {health && (
        <>
          <span className="wide">block {grouped(health.cursor)}</span>
          {(health.lag ?? 0) > 1 && <span>{grouped(health.lag ?? 0)} behind</span>}
          <span className="wide">{LINE[line]}</span>
        </>
      )}
    </p>
  );
};

const Banner = ({ asked }: { asked: ReturnType<typeof useHealth> }) => {
  const { data: health, problem } = asked;
  if (problem?.kind === "offline") {
    return (
      <div className="banner bad" role="alert">
        <b>The indexer does not answer.</b> What is shown may be old. See whether interdict-indexer
        runs; this page asks again by itself.
      </div>
    );
  }
  if (!health) return null;
  if (!health.ready) {
    return (
      <div className="banner bad" role="alert">
        <b>Findings may be missing: the chain is not followed.</b> {health.reason}. It goes on by
        itself once that is over.
      </div>
    );
  }
  if (health.warnings.length > 0) {
    return (
      <div className="banner" role="status">
        <b>Nothing is missing, but look at the providers.</b> {health.warnings.join("; ")}.
      </div>
    );
  }
  return null;
};

/** After `g`, so long the next key is one of a place, in milliseconds. */
const GO_MS = 1200;

const useGoing = (nav: ReturnType<typeof useNav>) => {
  const [, go] = useLocation();
  const until = useRef(0);
  const keys = Object.fromEntries(
    nav.map((item) => [
      item.key,
      (event: KeyboardEvent) => {
        if (event.timeStamp > until.current) return;
        until.current = 0;
        event.preventDefault();
        event.stopImmediatePropagation();
        go(item.href);
      },
    ]),
  );
  useKeys({
    ...keys,
    g: (event) => {
      until.current = event.timeStamp + GO_MS;
    },
  });
};

export const Shell = ({ children }: { children: ReactNode }) => {
  const nav = useNav();
  const [here] = useLocation();
  const [help, setHelp] = useState(false);
  const [menu, setMenu] = useState(false);
  const health = useHealth();
  const { serves } = useWho();
  const line = serves("/v1/stream") ? "stream" : "none";
  useEffect(() => listen(line), [line]);
  useGoing(nav);
  useKeys({ "?": () => setHelp(true) });
  // The menu of a phone is done with once one has gone somewhere.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => setMenu(false), [here]);

  return (
    <div className="shell">
      <a className="skip" href="#main">
        To the page
      </a>
      <header className={menu ? "side open" : "side"}>
        <div className="brand">
          <Link href={PATHS.inbox} aria-label="Interdict, inbox">
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" />
              <path className="bar" d="M4 7h8v2H4z" />
            </svg>
            Interdict
          </Link>
          <Standing asked={health} />
          <button
            type="button"
            className="menu"
            aria-expanded={menu}
            aria-controls="places"
            onClick={() => setMenu(!menu)}
          >
            Menu
          </button>
        </div>
        <div id="places" className="places">
          <nav aria-label="Pages">
            {nav.map((item) => (
              <Link
                key={item.name}
                href={item.href}
                aria-current={stands(here, item.at) ? "page" : undefined}
              >
                <svg className="drawn" viewBox="0 0 16 16" aria-hidden="true">
                  <path d={ICONS[item.name]} />
                </svg>
                {item.name}
              </Link>
            ))}
          </nav>
          <footer>
            <Person />
            <div className="tools">
              <ThemeSwitch />
              <button type="button" className="quiet" onClick={() => setHelp(true)}>
                Keys <kbd className="key">?</kbd>
              </button>
            </div>
          </footer>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <Banner asked={health} />
        {children}
      </main>
      {help && <KeysHelp nav={nav} onClose={() => setHelp(false)} />}
    </div>
  );
};
