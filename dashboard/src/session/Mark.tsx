/** A still: what is in the large vessel drips, distilled, into the small one. */
export function Mark() {
  return (
    <svg
      width="20"
      height="20"
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d="M6 3v3.5a4.5 4.5 0 1 0 3 0V3M5 3h5" stroke="var(--teacher)" />
      <path d="M9 4.5h4.5a2 2 0 0 1 2 2V9" stroke="var(--teacher)" />
      <path d="M13.5 12v3a2 2 0 0 0 4 0v-3z" stroke="var(--student)" />
    </svg>
  );
}
