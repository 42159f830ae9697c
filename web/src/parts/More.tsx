import type { Problem } from "../api/ask";
import { Refusal } from "./State";

export const More = ({
  next,
  more,
  problem,
  says = "Show older ones",
}: {
  next: string | null;
  more: () => void;
  problem?: Problem | undefined;
  says?: string;
}) => (
  <>
    {problem && <Refusal problem={problem} />}
    {next && (
      <p className="more">
        <button type="button" className="button" onClick={more}>
          {says}
        </button>
      </p>
    )}
  </>
);
