// Which page stands at which address.
import { type ComponentType, useEffect, useRef } from "react";
import { Route, Switch, useLocation } from "wouter";

import { PATHS } from "./go";
import { AddressPage } from "./pages/address/AddressPage";
import { AuditPage } from "./pages/audit/AuditPage";
import { CasePage } from "./pages/case/CasePage";
import { HealthPage } from "./pages/health/HealthPage";
import { InboxPage } from "./pages/inbox/InboxPage";
import { ListPage } from "./pages/list/ListPage";
import { ScreenPage } from "./pages/screen/ScreenPage";
import { SettingsPage } from "./pages/settings/SettingsPage";
import { SignInPage } from "./pages/sign-in/SignInPage";
import { Shell } from "./parts/Shell";
import { State } from "./parts/State";
import { WhoAsks } from "./session";

const Nowhere = () => (
  <State title="There is no such page">
    <p>
      Go to the <a href="/">inbox</a>, or press <kbd className="key">?</kbd> for where else.
    </p>
  </State>
);

const ROUTES: [string, ComponentType][] = [
  ["/", InboxPage],
  ["/alerts/:id", CasePage],
  ["/addresses/:address", AddressPage],
  ["/list", ListPage],
  ["/screen", ScreenPage],
  ["/health", HealthPage],
  ["/audit", AuditPage],
  ["/settings/:part?", SettingsPage],
  ["/sign-in", SignInPage],
];

/**
 * A new page begins at its top, and who hears it is told its name. The inbox knows its own place, and
 * going back is the browser's.
 */
const useArriving = () => {
  const [here] = useLocation();
  const first = useRef(true);
  const isBack = useRef(false);
  useEffect(() => {
    const back = () => {
      isBack.current = true;
    };
    window.addEventListener("popstate", back);
    return () => window.removeEventListener("popstate", back);
  }, []);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    if (!isBack.current && here !== PATHS.inbox) window.scrollTo(0, 0);
    isBack.current = false;
    const main = document.getElementById("main");
    if (!main?.contains(document.activeElement)) main?.focus({ preventScroll: true });
  }, [here]);
};

export const App = () => {
  useArriving();
  return (
    <WhoAsks>
      <Shell>
        <Switch>
          {ROUTES.map(([path, page]) => (
            <Route key={path} path={path} component={page} />
          ))}
          <Route component={Nowhere} />
        </Switch>
      </Shell>
    </WhoAsks>
  );
};
