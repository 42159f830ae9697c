// Whose dealings are looked after: own customers and pools.
import { useState } from "react";

import type { Subject, SubjectPage, SubjectsImported } from "../../../api/types";
import { NEVER } from "../../../api/useAsk";
import { usePages } from "../../../api/usePages";
import { grouped } from "../../../format/number";
import { spoken } from "../../../format/text";
import { Address } from "../../../parts/Hex";
import { More } from "../../../parts/More";
import { Foreign } from "../../../parts/Say";
import { Answer } from "../../../parts/State";
import { useWho } from "../../../session";
import { AddSubject } from "./AddSubject";
import { FromCsv } from "./FromCsv";
import { RemoveSubject } from "./RemoveSubject";

type Open = "add" | "csv" | Subject;

const None = () => (
  <p className="sub">
    There is none, so every counterparty of a listed address is reported. Add your customers and
    pools here; very many at once with <code>interdict-indexer subjects import</code>.
  </p>
);

const Rows = ({
  subjects,
  remove,
}: {
  subjects: Subject[];
  remove: ((subject: Subject) => void) | undefined;
}) => (
  <ul className="subjects">
    {subjects.map((subject) => (
      <li key={subject.address}>
        <Address of={subject.address} />
        <span>
          {spoken(subject.kind)}{" "}
          <span className="soft">
            <Foreign text={subject.reference} most={64} />
          </span>
        </span>
        {remove && (
          <button type="button" className="quiet" onClick={() => remove(subject)}>
            Remove
          </button>
        )}
      </li>
    ))}
  </ul>
);

export const Subjects = () => {
  const { may } = useWho();
  const pages = usePages<SubjectPage, Subject>(
    "/v1/subjects",
    { limit: 100 },
    { rows: (page) => page.subjects, key: ({ address }) => address, on: NEVER },
  );
  const { asked, rows: subjects, next, more } = pages;
  const [open, setOpen] = useState<Open>();
  const [said, setSaid] = useState("");
  const onClose = () => setOpen(undefined);
  const done = (what: string) => {
    setSaid(what);
    pages.restart();
  };
  const imported = ({ added, changed, unchanged }: SubjectsImported) =>
    done(
      `Taken in: ${grouped(added)} added, ${grouped(changed)} changed, ${grouped(unchanged)} as they were.`,
    );
  return (
    <section className="card">
      <header className="card-head">
        <h2>Subjects</h2>
        {may("admin") && (
          <span className="offers">
            <button type="button" className="button" onClick={() => setOpen("csv")}>
              From a CSV
            </button>
            <button type="button" className="button" onClick={() => setOpen("add")}>
              Add a subject
            </button>
          </span>
        )}
      </header>
      <div role="status">{said && <p className="note">{said}</p>}</div>
      <Answer asked={asked} what="the subjects">
        {() =>
          subjects.length === 0 ? (
            <None />
          ) : (
            <>
              <Rows subjects={subjects} remove={may("admin") ? setOpen : undefined} />
              <More next={next} more={more} problem={pages.problem} says="Show more" />
            </>
          )
        }
      </Answer>
      {open === "add" && <AddSubject again={() => done("Added.")} onClose={onClose} />}
      {open === "csv" && <FromCsv onDone={imported} onClose={onClose} />}
      {open && typeof open === "object" && (
        <RemoveSubject subject={open} onDone={() => done("Removed.")} onClose={onClose} />
      )}
    </section>
  );
};
