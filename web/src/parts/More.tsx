import type { Problem } from "../api/ask";
import { Refusal } from "./State";

export const More = ({
  next,
  more,
  problem,
}: {
  next: string | null;
  more: () => void;
  problem?: Problem | undefined;
}) => (
  <>
    {problem && <Refusal problem={problem} />}
    {next && (
      <p className="more">
        <button type="button" className="button" onClick={more}>
          Show older ones
        </button>
      </p>
    )}
  </>
);
