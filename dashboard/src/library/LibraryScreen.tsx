import { useNavigate, useSearch } from "@tanstack/react-router";
import { Library } from "@/library/Library";

export function LibraryScreen() {
  const { tab = "models", open = null } = useSearch({ from: "/library" });
  const navigate = useNavigate({ from: "/library" });
  return (
    <Library
      tab={tab}
      open={open}
      onGo={(next, id) =>
        void navigate({
          search: { tab: next, ...(id !== null && { open: id }) },
          // The details of one after the other are one stay on this screen.
          replace: next === tab,
          resetScroll: false,
        })
      }
    />
  );
}
