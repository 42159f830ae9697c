// A file of subjects: what it would change, and what of it cannot be read, before anything is done.
import { useRef, useState } from "react";

import { asProblem, change, type Problem } from "../../../api/ask";
import type { SubjectsChecked, SubjectsImported } from "../../../api/types";
import { count, grouped } from "../../../format/number";
import { spoken } from "../../../format/text";
import { Dialog } from "../../../parts/Dialog";
import { Field } from "../../../parts/Field";
import { Groups } from "../../../parts/Hex";
import { Foreign, Scrolls } from "../../../parts/Say";
import { Loading, Refusal } from "../../../parts/State";
import { useChange } from "../useChange";

/** Longest file that the indexer takes from a page, in bytes. */
const FILE_MAX_BYTES = 512 * 1024;

/** The bytes that were checked, so that the very same are taken in. */
type Chosen = { bytes: Blob; checked: SubjectsChecked };

type Kept = { kind: string; reference: string };
type Change = SubjectsChecked["changes"][number];

const As = ({ kept }: { kept: Kept }) => (
  <>
    {spoken(kept.kind)} {kept.reference && <Foreign text={kept.reference} most={64} />}
  </>
);

const Changes = ({ changes, of }: { changes: Change[]; of: number }) => (
  <>
    <Scrolls label="What it would change">
      <table className="would">
        <caption className="unseen">What it would change</caption>
        <thead>
          <tr>
            <th scope="col" className="number">
              Line
            </th>
            <th scope="col">Subject</th>
            <th scope="col">What becomes of it</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ line, subject, was }) => (
            <tr key={line}>
              <td className="number">{grouped(line)}</td>
              <td>
                <Groups hex={subject.address} />
              </td>
              <td>
                <b>{was ? "Changed" : "New"}</b>
                <span className="sub">
                  {was && (
                    <>
                      <As kept={was} /> →{" "}
                    </>
                  )}
                  <As kept={subject} />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
    {of > changes.length && (
      <p className="sub">and {grouped(of - changes.length)} more, counted above.</p>
    )}
  </>
);

const Unread = ({ checked }: { checked: SubjectsChecked }) => (
  <div className="note bad" role="alert">
    <p>
      <b>{count(checked.wrong, "line")} cannot be read</b>, so nothing can be taken in: correct the
      file and choose it again.
    </p>
    <ul className="unread">
      {checked.wrong_lines.map(({ line, reason }) => (
        <li key={line}>
          <b>Line {grouped(line)}</b> <Foreign text={reason} most={200} />
        </li>
      ))}
    </ul>
    {checked.wrong > checked.wrong_lines.length && (
      <p>and {grouped(checked.wrong - checked.wrong_lines.length)} more.</p>
    )}
  </div>
);

const Checked = ({ checked }: { checked: SubjectsChecked }) => {
  const would = checked.added + checked.changed;
  return (
    <>
      <p role="status">
        <b>
          {grouped(checked.added)} new, {grouped(checked.changed)} changed
        </b>
        , {grouped(checked.unchanged)} as they are.
        {would === 0 && checked.wrong === 0 && " There is nothing to take in."}
      </p>
      {checked.wrong > 0 && <Unread checked={checked} />}
      {checked.changes.length > 0 && <Changes changes={checked.changes} of={would} />}
    </>
  );
};

const tooLong = (file: File) =>
  `${file.name} has ${grouped(file.size)} bytes, and a page takes ${grouped(FILE_MAX_BYTES)}: ` +
  "split it, or use interdict-indexer subjects import";

/** Checks a file as soon as it is chosen; of two, the answer to the one chosen last counts. */
const useCheck = () => {
  const [chosen, setChosen] = useState<Chosen>();
  const [problem, setProblem] = useState<Problem>();
  const [wrong, setWrong] = useState<string>();
  const [busy, setBusy] = useState(false);
  const turn = useRef(0);
  const choose = async (file: File | undefined) => {
    turn.current += 1;
    const now = turn.current;
    setChosen(undefined);
    setProblem(undefined);
    setWrong(file && file.size > FILE_MAX_BYTES ? tooLong(file) : undefined);
    setBusy(false);
    if (!file || file.size > FILE_MAX_BYTES) return;
    setBusy(true);
    try {
      const bytes = new Blob([await file.arrayBuffer()], { type: "text/csv" });
      const checked = await change<SubjectsChecked>("POST", "/v1/subjects/check", bytes);
      if (now === turn.current) setChosen({ bytes, checked });
    } catch (error) {
      if (now === turn.current) setProblem(asProblem(error));
    }
    if (now === turn.current) setBusy(false);
  };
  return { chosen, problem, wrong, busy, choose };
};

export const FromCsv = ({
  onDone,
  onClose,
}: {
  onDone: (imported: SubjectsImported) => void;
  onClose: () => void;
}) => {
  const check = useCheck();
  const { make, problem, busy } = useChange(() => undefined);
  const { chosen } = check;
  const would = chosen ? chosen.checked.added + chosen.checked.changed : 0;
  const take = async () => {
    const done = await make<SubjectsImported>("POST", "/v1/subjects", chosen?.bytes);
    if (!done) return;
    onClose();
    onDone(done.answer);
  };
  return (
    <Dialog title="Subjects from a CSV" onClose={onClose}>
      <div className="step">
        <Field
          label="File"
          wrong={check.wrong}
          hint={
            <>
              Its first line is <code>address,kind,reference</code>; a kind is <code>customer</code>{" "}
              or <code>pool</code>. Nothing is done before you confirm.
            </>
          }
        >
          {(said) => (
            <input
              {...said}
              type="file"
              accept=".csv,text/csv"
              onChange={(event) => check.choose(event.target.files?.[0])}
            />
          )}
        </Field>
        {check.busy && <Loading what="what it would change" />}
        {check.problem && <Refusal problem={check.problem} />}
        {chosen && <Checked checked={chosen.checked} />}
        {problem && <Refusal problem={problem} />}
        <div className="dialog-foot">
          <button type="button" className="quiet" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="button primary"
            disabled={busy || would === 0 || chosen?.checked.wrong !== 0}
            onClick={take}
          >
            Take in {would > 0 && grouped(would)}
          </button>
        </div>
      </div>
    </Dialog>
  );
};
