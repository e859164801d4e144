import type { ReactNode } from "react";

/** Small pictures drawn in the colour of the text beside them, which says the same in words. */
function Icon({ children, size = 16 }: { children: ReactNode; size?: number | undefined }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

interface IconProps {
  size?: number | undefined;
}

function drawn(...paths: string[]) {
  return ({ size }: IconProps) => (
    <Icon size={size}>
      {paths.map((path) => (
        <path key={path} d={path} />
      ))}
    </Icon>
  );
}

export const CheckIcon = drawn("M3 8.5 6.5 12 13 4.5");
export const CrossIcon = drawn("M4 4l8 8M12 4l-8 8");
export const PlusIcon = drawn("M8 3v10M3 8h10");
export const MinusIcon = drawn("M3 8h10");
export const MoreIcon = drawn("M3.5 8h.01M8 8h.01M12.5 8h.01");
export const CopyIcon = drawn("M6 6h7v7H6zM3 10V3h7");
export const DownloadIcon = drawn("M8 2.5v8M4.5 7.5 8 11l3.5-3.5M3 13.5h10");
export const UploadIcon = drawn("M8 11V3M4.5 6 8 2.5 11.5 6M3 13.5h10");
export const SearchIcon = drawn("M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9M10.5 10.5l3 3");
export const FilterIcon = drawn("M2.5 4h11M4.5 8h7M6.5 12h3");
export const RefreshIcon = drawn("M13 8a5 5 0 1 1-1.5-3.6M13 2.5v3h-3");
export const ExternalIcon = drawn("M9 3h4v4M13 3 7.5 8.5M11 9.5V13H3V5h3.5");
export const TrashIcon = drawn("M3 4.5h10M6 4.5V3h4v1.5M4.5 4.5 5 13h6l.5-8.5");
export const KeyIcon = drawn("M6 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M8 8.5 13.5 3M11 5.5l2 2");
export const PlayIcon = drawn("M5 3.5v9l7-4.5z");
export const PauseIcon = drawn("M5.5 3.5v9M10.5 3.5v9");
export const StopIcon = drawn("M4 4h8v8H4z");
export const ClockIcon = drawn("M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 5v3.2l2 1.3");
export const DashedCircleIcon = drawn(
  "M8 2a6 6 0 0 1 4 1.6M14 8a6 6 0 0 1-2 4.4M8 14a6 6 0 0 1-4-1.6M2 8a6 6 0 0 1 2-4.4",
);
export const BlockedIcon = drawn("M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M4 12l8-8");
export const InfoIcon = drawn("M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 7.5V11M8 5h.01");
export const WarnIcon = drawn("M8 2.5 14.5 13.5h-13zM8 6.5v3M8 11.5h.01");
export const DoneIcon = drawn("M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M5.5 8.2l1.8 1.8 3.2-3.6");
export const FailedIcon = drawn("M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M6 6l4 4M10 6l-4 4");
export const RunningIcon = drawn("M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M6.7 5.5v5l4-2.5z");
export const PausedIcon = drawn("M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M6.5 6v4M9.5 6v4");
export const UpIcon = drawn("M4 10l4-4 4 4");
export const DownIcon = drawn("M4 6l4 4 4-4");
export const LeftIcon = drawn("M10 4 6 8l4 4");
export const RightIcon = drawn("M6 4l4 4-4 4");
export const SunIcon = drawn(
  "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6",
  "M8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9",
);
export const MoonIcon = drawn("M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7");
export const ScreenIcon = drawn("M2 3h12v8H2zM6 13.5h4");
export const JobsIcon = drawn("M3 4h10M3 8h10M3 12h6");
export const CompareIcon = drawn("M2.5 2.5v11h11M5 10.5l2.5-3 2 1.5 3.5-4.5");
export const LibraryIcon = drawn("M3 3h3v10H3zM6 3h3v10H6zM10.2 3.8l2.4-.6 1.9 9.1-2.4.6z");
export const SystemIcon = drawn("M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01");
export const MenuIcon = drawn("M2.5 4h11M2.5 8h11M2.5 12h11");
export const OfflineIcon = drawn(
  "M2 2l12 12M5 9.5a4.5 4.5 0 0 1 2-1.1M11 9.5a4.5 4.5 0 0 0-.8-.6M2.5 6.5A8 8 0 0 1 5 5M13.5 6.5A8 8 0 0 0 7.5 4M8 12.5h.01",
);
