import type { Step } from "../../api/types";

/** What the form says, as the step that the indexer takes. */
export const stepOf = (kind: string, form: FormData): Step => {
  const text = (name: string) => `${form.get(name) ?? ""}`.trim();
  const reasoned = { reason: text("reason"), narrative: text("narrative") };
  switch (kind) {
    case "assign":
      return { kind, assignee: text("assignee") };
    case "close": {
      const disposition = text("disposition");
      const held = {
        amount: text("held_amount"),
        asset: text("held_asset"),
        wallet: text("held_wallet"),
        on: text("held_on"),
      };
      return {
        kind,
        disposition,
        ...reasoned,
        ...(disposition === "blocked" ? { held } : {}),
        ...(disposition === "licensed" ? { licence: text("licence") } : {}),
      };
    }
    case "approve":
      return { kind, ...(text("narrative") ? { narrative: text("narrative") } : {}) };
    case "decline":
      return { kind, narrative: text("narrative") };
    case "note":
      return { kind, text: text("narrative") };
    case "snooze":
      return { kind, until: `${text("until")}:00Z`, reason: text("reason") };
    case "link":
      return { kind, to: text("to"), says: text("says") };
    case "attach":
      return {
        kind,
        name: text("name"),
        sha256: text("sha256"),
        bytes: Number(text("bytes")),
        media_type: text("media_type"),
      };
    case "report":
      return {
        kind,
        report: text("report_kind"),
        reference: text("reference"),
        reported_on: text("reported_on"),
      };
    default:
      return { kind, ...reasoned };
  }
};
