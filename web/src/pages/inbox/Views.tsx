// The questions that a desk asks all day, with how many stand behind each.
import type { Summary } from "../../api/types";
import { grouped } from "../../format/number";
import { useWho } from "../../session";
import { type Filter, standsIn, views } from "./filter";

const open = (summary: Summary) => Object.values(summary.open).reduce((sum, n) => sum + n, 0);

const counted = (name: string, summary: Summary | undefined): number | null => {
  if (!summary) return null;
  const by: Record<string, number> = {
    Open: open(summary),
    Unassigned: summary.unassigned,
    Mine: summary.mine,
    "Second person": summary.waiting,
    "Report due": summary.due_soon + summary.overdue,
    Snoozed: summary.snoozed,
  };
  return by[name] ?? null;
};

export const Views = ({
  filter,
  setFilter,
  summary,
}: {
  filter: Filter;
  setFilter: (filter: Filter) => void;
  summary: Summary | undefined;
}) => {
  const { session } = useWho();
  const me = session && session.person !== "anonymous" ? session.person : null;
  return (
    <nav className="views" aria-label="Views">
      {views(me).map((view) => {
        const n = counted(view.name, summary);
        const late = view.name === "Report due" && (summary?.overdue ?? 0) > 0;
        return (
          <button
            key={view.name}
            type="button"
            aria-current={standsIn(filter, view.filter) ? "true" : undefined}
            onClick={() => setFilter(view.filter)}
          >
            {view.name}
            {view.name !== "All" && (
              <span className={late ? "count late" : "count"}>
                {n === null ? "\u2007" : grouped(n)}
              </span>
            )}
          </button>
        );
      })}
    </nav>
  );
};
