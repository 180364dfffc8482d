/** Formats a waiting time, rounded up so that a retry is never too early: "90 seconds", "13 minutes", "about 24 hours". */
export function formatWait(seconds: number): string {
  if (seconds <= 90) return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
  const minutes = Math.ceil(seconds / 60);
  return minutes <= 90 ? `${minutes} minutes` : `about ${Math.ceil(minutes / 60)} hours`;
}
