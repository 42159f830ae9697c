// The name of a page, where the browser shows it.
import { useEffect } from "react";

export const usePage = (title: string): void => {
  useEffect(() => {
    document.title = `${title} · Interdict`;
  }, [title]);
};
