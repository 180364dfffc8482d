/**
 * Measures the CPU time of a function in milliseconds. Other work of the machine does not change it, so a test can tell a
 * regular expression that backtracks from a slow machine.
 */
export function measureCpuTime(run: () => void): number {
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}
