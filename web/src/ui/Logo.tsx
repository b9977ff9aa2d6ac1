import { t } from '../strings/index.js';

export function Wordmark() {
  return (
    <svg
      className="wordmark"
      width="73"
      height="34"
      viewBox="0 0 82 38"
      role="img"
      aria-label={t('app.name')}
      fill="none"
      stroke="currentColor"
      strokeWidth="3.6"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d="M3.2 15.2v5.4c0 5 2.3 8 5.9 8s5.9-3 5.9-7.7v-3M15 20.9c0 4.7 2.3 7.7 5.9 7.7s5.9-3 5.9-8v-5.4" />
      <path d="M35.4 15.4v13" />
      <path d="M55.8 17.2c-1.3-1.4-3.1-2.2-5.3-2.2-3 0-5 1.4-5 3.5 0 4.7 10.9 1.9 10.9 6.6 0 2.3-2.3 3.7-5.5 3.7-2.6 0-4.7-.9-6-2.5" />
      <path d="M65 15.4v19.4M65 21.9c0-4.1 2.9-6.9 6.7-6.9s6.7 2.8 6.7 6.9-2.9 6.9-6.7 6.9-6.7-2.8-6.7-6.9z" />
      <g fill="currentColor" stroke="none">
        <circle cx="35.4" cy="9" r="2.05" />
        <circle cx="37.5" cy="4.7" r="1.45" />
        <circle cx="40.7" cy="1.8" r=".95" />
      </g>
    </svg>
  );
}

export function Mark() {
  return (
    <svg
      width="28"
      height="28"
      viewBox="0 0 32 32"
      aria-hidden
      fill="none"
      stroke="currentColor"
      strokeWidth="3.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d="M3.5 11.5v4.2c0 5.4 2.2 9 6.2 9 3.8 0 5.8-3.2 5.8-8 0 4.8 2 8 5.8 8 3.3 0 5.3-2.4 5.8-6.4" />
      <g fill="currentColor" stroke="none">
        <circle cx="27.4" cy="13.2" r="1.7" />
        <circle cx="28.3" cy="8.6" r="1.3" />
        <circle cx="29.9" cy="4.8" r=".9" />
      </g>
    </svg>
  );
}
