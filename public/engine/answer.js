// What every worker does around its work: answer each call by its id, tell progress, say why it failed.

const post = (message, transfer = []) => self.postMessage(message, transfer);

/** Runs `calls[name](argument)` for each message `{id, name, argument}`. */
export function serve(calls, memory) {
  self.onmessage = async ({ data: { id, name, argument } }) => {
    try {
      const value = await calls[name](argument, (progress) => post({ id, progress }));
      post({ id, value }, transferable(value));
    } catch (error) {
      post({ id, error: { kind: kind(error, memory()), message: words(error) } });
    }
  };
}

/** Buffers that move instead of being copied. */
function transferable(value) {
  return value instanceof Uint8Array ? [value.buffer] : [];
}

// A refusal is an answer of the engine; a trap is the end of this worker.
function kind(error, memory) {
  const isTrap = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
  if (!isTrap) return "refused";
  return error instanceof RangeError || memory > 1 << 30 ? "out_of_memory" : "broken";
}

function words(error) {
  if (error?.name === "NotReadableError") {
    return "the browser can no longer read the file: was it moved or changed? Choose it again.";
  }
  return String(error?.message ?? error);
}
