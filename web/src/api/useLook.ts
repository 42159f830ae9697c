// What changes without any news is looked at again and again, while somebody sees it.
import { useEffect } from "react";

/** Between two looks, in milliseconds. */
const LOOK_MS = 2_000;

/** Asks again while something is under way that will end by itself. */
export const useLook = (again: () => void, underWay: number): void => {
  const isUnderWay = underWay > 0;
  useEffect(() => {
    if (!isUnderWay) return;
    const timer = setInterval(() => !document.hidden && again(), LOOK_MS);
    return () => clearInterval(timer);
  }, [again, isUnderWay]);
};
