// What the indexer says, by name: each is taken from what is generated out of its document
// (`npm run generate`), so that a page that reads what is not said does not compile.
import type { components } from "./schema";

type Said = components["schemas"];

/** What may be left out is `null` here: the indexer says both of what is not there. */
type Whole<T> = T extends (infer Each)[]
  ? Whole<Each>[]
  : T extends object
    ? { [Name in keyof T]-?: Whole<Exclude<T[Name], undefined>> }
    : T;

export type Severity = Said["Severity"];
export type Confirmation = Said["Confirmation"];
export type Phase = Said["ListingPhase"];
export type Side = Said["Side"];
export type Standing = Said["Standing"];
export type Disposition = Said["Disposition"];
export type Role = Said["Role"];
export type Session = Pick<Said["Session"], "person" | "role">;

export type Alert = Whole<Said["AlertView"]>;
export type Amount = Alert["amount"];
export type AlertPage = { alerts: Alert[]; next: string | null };
export type TimelineEntry = Whole<Said["Entry"]>;
export type Step = { kind: string; [detail: string]: unknown };
export type BulkAnswer = Whole<Said["Taken"]>;
export type DispositionRule = Whole<Said["OneDisposition"]>;
export type Person = Whole<Said["Person"]>;
export type Day = Whole<Said["OneDay"]>;
export type Summary = Whole<Said["Todo"]>;

export type Health = Whole<Said["Health"]>;
export type Token = Whole<Said["Token"]>;
export type Endpoint = Whole<Said["Webhook"]>;
export type Delivery = Whole<Said["Delivery"]>;
export type Proposed = Whole<Said["Proposed"]>;
export type Proposal = Proposed["proposals"][number];
export type ProposedCall = Proposal["calls"][number];
export type AuditPage = Whole<Said["AuditPage"]>;
export type AuditRow = AuditPage["rows"][number];
export type AuditVerdict = Whole<Said["Verdict"]>;

export type AddressPage = Whole<Said["AddressHistory"]>;
/** A stretch during which an address was listed. */
export type Episode = AddressPage["episodes"][number];
/** A person under whom an address is listed. */
export type ListedPerson = AddressPage["uids"][number];
export type ListStanding = Whole<Said["List"]>;
export type Freshness = ListStanding["freshness"][number];
export type ActPage = Whole<Said["Acts"]>;
export type Act = ActPage["acts"][number];
export type Screening = Whole<Said["ScreenAnswers"]>;
export type ScreenAnswer = Screening["answers"][number];
export type SubjectPage = Whole<Said["Subjects"]>;
export type Subject = SubjectPage["subjects"][number];
export type Policy = Whole<Said["Policy"]>;
export type PolicyOutcome = Policy["rules"][number]["outcomes"][number];
export type SeriesPoint = Whole<Said["Series"]>["points"][number];
export type SubjectsChecked = Whole<Said["CheckedSubjects"]>;
export type SubjectsImported = Whole<Said["ImportedSubjects"]>;
