// What every worker does around its work: answer each call by its id, tell progress, say why it failed.

const post = (message, transfer = []) => self.postMessage(message, transfer);

/** Runs `calls[name](argument)` for each message `{id, name, argument}`. */
export function serve(calls, memory) {
  self.onmessage = async ({ data: { id, name, argument } }) => {
    try {
      post({ id, value: await calls[name](argument, (progress) => post({ id, progress })) });
    } catch (error) {
      post({ id, error: failure(error, memory()) });
    }
  };
}

/** Why something failed, as it travels; `memory` is what the module holds. */
export function failure(error, memory) {
  if (error?.kind && error?.message) return error;
  return { kind: kind(error, memory), message: words(error) };
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
