// waits for what happens elsewhere: a time, a condition, an expectation
export function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

/** Waits until the condition is true. Throws an error with its text when the time is up. */
export async function untilTrue(condition: () => boolean, timeoutMs = 8_000): Promise<void> {
  return untilPasses(() => {
    if (!condition()) throw new Error(`not within ${timeoutMs} ms: ${condition.toString()}`);
  }, timeoutMs);
}

/** Waits until the expectation throws no more. Throws its last error when the time is up. */
export async function untilPasses(expectation: () => void, timeoutMs = 8_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return expectation();
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await pause(20);
    }
  }
}
